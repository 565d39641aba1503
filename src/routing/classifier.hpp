#pragma once
// Options of the router `classifier`.

#include "routing/thresholds.hpp"
#include "triage/part_file.hpp"
#include "triage/units.hpp"
#include "triage/words.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace triage {

/// What a model with two heads, P(the weak model is right) and P(the strong one is), is taken to say.
enum class ClassifierRank : std::uint8_t {
  gain,        ///< how much more often the strong one is right: (1 + P(strong right) - P(weak right)) / 2
  weak_wrong,  ///< how often the weak one is wrong: 1 - P(weak right)
};
template <>
inline constexpr std::array<std::string_view, 2> words<ClassifierRank>{"gain", "weak_wrong"};
template <>
inline constexpr std::string_view word_noun<ClassifierRank> = "rank";

/// Sends a request to the highest tier whose threshold its score reaches.
struct ClassifierSpec {
  PartFile model{"builtin:difficulty", "", ""};
  ThresholdsSpec thresholds;
  ClassifierRank rank = ClassifierRank::gain;
  milliseconds timeout{50};
};

}  // namespace triage
