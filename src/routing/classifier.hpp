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
  /// how much more often the strong one is right for what it costs more: x = (P(strong right) - P(weak right)) / c,
  /// where c is the request's extra cost over that of a call with rank_input_tokens and `output_tokens`; (1 + x / (1 +
  /// |x|)) / 2
  gain_per_cost,
};
template <>
inline constexpr std::array<std::string_view, 3> words<ClassifierRank>{"gain", "weak_wrong", "gain_per_cost"};
template <>
inline constexpr std::string_view word_noun<ClassifierRank> = "rank";

inline constexpr std::int64_t rank_input_tokens = 500;

/// Sends a request to the highest tier whose threshold its score reaches.
struct ClassifierSpec {
  PartFile model{"builtin:difficulty", "", ""};
  ThresholdsSpec thresholds;
  ClassifierRank rank = ClassifierRank::gain;
  std::uint32_t output_tokens = 500;  ///< of an answer, for gain_per_cost
  milliseconds timeout{50};
};

}  // namespace triage
