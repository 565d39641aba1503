#pragma once
// Options of the verifier `llm`.

#include "triage/words.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace triage {

/// What becomes of an answer about which the judging model says nothing.
enum class OnError : std::uint8_t { escalate, accept };
template <>
inline constexpr std::array<std::string_view, 2> words<OnError>{"escalate", "accept"};

struct LlmVerifierSpec {
  std::string deployment;
  std::string prompt;  ///< empty: the built-in one
  std::chrono::milliseconds timeout{5'000};
  double at_least = 0.5;
  OnError on_error = OnError::escalate;
};

}  // namespace triage
