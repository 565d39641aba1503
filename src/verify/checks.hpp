#pragma once
// Options of the verifier `checks`.

#include "triage/words.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// What `checks` looks for in an answer.
enum class AnswerCheck : std::uint8_t { empty, refusal, hedging, truncated, repetition, language, json, tools };
template <>
inline constexpr std::array<std::string_view, 8> words<AnswerCheck>{"empty",      "refusal",  "hedging", "truncated",
                                                                    "repetition", "language", "json",    "tools"};
template <>
inline constexpr std::string_view word_noun<AnswerCheck> = "check";

struct ChecksSpec {
  std::vector<AnswerCheck> skip;
  std::optional<std::string> required;  ///< RE2 that must match somewhere in the answer
  std::optional<double> grounded;       ///< minimum share of the answer's words that the request's context contains
};

}  // namespace triage
