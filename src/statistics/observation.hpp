#pragma once
// What a test of two arms learns from.

namespace triage::statistics {

/// One randomised unit: its arm, and an outcome of it.
struct Observation {
  bool treated = false;
  double share = 0;  ///< the probability of the treatment, in (0,1), when the unit was assigned
  double value = 0;  ///< in [0,1]
};

/// Whether a test can learn from it: the value is a number, and the unit could have got either arm.
constexpr bool tells_something(const Observation& seen) noexcept {
  return seen.share > 0 && seen.share < 1 && seen.value == seen.value;
}

}  // namespace triage::statistics
