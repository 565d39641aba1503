#pragma once
// Options of the verifier `logprob`.

#include "triage/part_file.hpp"
#include "triage/words.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace triage {

/// How the tokens' log-probabilities become one number.
enum class LogprobUse : std::uint8_t { mean, min };
template <>
inline constexpr std::array<std::string_view, 2> words<LogprobUse>{"mean", "min"};
template <>
inline constexpr std::array<std::pair<std::string_view, LogprobUse>, 1> old_words<LogprobUse>{
    {{"least", LogprobUse::min}}};

struct LogprobSpec {
  LogprobUse use = LogprobUse::mean;
  PartFile calibration;  ///< a file that `triage calibrate` wrote; empty: the token's own probability
  double at_least = 0.8;
};

}  // namespace triage
