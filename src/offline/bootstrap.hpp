#pragma once
// 95 % intervals of statistics of the rows (Efron's percentile bootstrap), with the question as the unit.

#include "offline/outcomes.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace triage::offline {

struct Interval {
  double low = 0;
  double high = 0;
};

/// A statistic of the rows. NaN interval: it is not defined for most resamples.
struct Estimate {
  double value = 0;
  Interval interval{};
};

struct Resampling {
  std::size_t resamples = 1000;
  std::uint64_t seed = 1;
  /// Called after each resample, with how many are done.
  std::function<void(std::size_t done)> progress{};
};

/// All statistics of the rows under some weights, in an order of their own, always the same number. NaN: not defined.
using Statistics = std::function<std::vector<double>(std::span<const double> weights)>;

/// The values for the rows as they are, each with its interval. Resamples for which it is not defined are left out; if
/// they are more than half, there is no interval.
std::vector<Estimate> bootstrap(const Outcomes& rows, const Resampling& how, const Statistics& statistics);

}  // namespace triage::offline
