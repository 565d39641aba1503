#pragma once
// Options of the verifier `llm`.

#include "triage/words.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace triage {

/// What to do with an answer that the judging model gives no verdict on.
enum class OnError : std::uint8_t { escalate, accept };
template <>
inline constexpr std::array<std::string_view, 2> words<OnError>{"escalate", "accept"};

struct LlmVerifierSpec {
  std::string deployment;
  std::string prompt;  ///< empty: the built-in prompt
  std::chrono::milliseconds timeout{5'000};
  double at_least = 0.5;
  OnError on_error = OnError::escalate;
};

}  // namespace triage
