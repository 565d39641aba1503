#pragma once

namespace triage::statistics {

struct Interval {
  double low = 0;
  double high = 1;
  [[nodiscard]] constexpr bool holds(double value) const noexcept { return low <= value && value <= high; }
};

}  // namespace triage::statistics
