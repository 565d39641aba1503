#pragma once
// Confidence sequences: intervals that hold at all times at once, however often one looks. For display and for SLOs.
//
// Both invert a test by betting: the interval holds every candidate against which no mixture of bets has won 1/alpha.
// The wealth is bounded from below by functions of a few sums (docs/statistics.md), so that the state is small, any
// alpha can be asked for, and the work is done when an interval is asked for (about 10 us), not at an update.

#include "statistics/observation.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace triage::statistics {

struct Interval {
  double low = 0;
  double high = 1;
};

/// The mean of outcomes in [0,1], such as whether each of a route's answers was liked. It holds the mean that the
/// outcomes have, given what came before each; that mean must stay the same: begin anew where one expects it to change.
class ConfidenceSequence {
 public:
  /// Values outside [0,1] count as the nearer end; one that is no number is ignored.
  void add(double value);

  /// With probability 1 - alpha it holds the mean at all times. [0,1] before the first value.
  [[nodiscard]] Interval interval(double alpha) const;
  [[nodiscard]] double mean() const noexcept { return values_ == 0 ? 0 : sum_ / values_; }
  [[nodiscard]] std::uint64_t values() const noexcept { return static_cast<std::uint64_t>(values_); }

  [[nodiscard]] std::vector<double> save() const;
  bool load(std::span<const double> state);

 private:
  double values_ = 0;
  double sum_ = 0;
  double squares_ = 0;
};

/// The sums that a one-sided test of "the mean of Z is d" needs, for all d and all bets at once.
struct WeightedSums {
  double weight = 0;          // of w
  double value = 0;           // of w Z
  double weight2 = 0;         // of w^2
  double weight2_value = 0;   // of w^2 Z
  double weight2_value2 = 0;  // of w^2 Z^2

  void add(double w, double z);
  /// A lower bound of the logarithm of the wealth of a mixture of bets that the mean is larger than `d`.
  [[nodiscard]] double log_wealth(double d) const;
};

/// The effect of the treatment: the outcome's mean under treatment minus that under control, in [-1,1]. It assumes what
/// BettingTest does, and an effect that stays the same. A rollback is BettingTest's to decide: it takes more from each
/// observation than this does.
class DifferenceSequence {
 public:
  void add(const Observation& seen);

  [[nodiscard]] Interval interval(double alpha) const;  ///< [-1,1] before the first unit
  /// The weighted mean of the inverse-probability-weighted differences.
  [[nodiscard]] double estimate() const noexcept;
  [[nodiscard]] std::uint64_t units() const noexcept { return static_cast<std::uint64_t>(units_); }

  [[nodiscard]] std::vector<double> save() const;
  bool load(std::span<const double> state);

 private:
  double units_ = 0;
  double sum_ = 0;      // of values
  WeightedSums above_;  // bets that the effect is larger
  WeightedSums below_;  // of -Z: bets that it is smaller
};

}  // namespace triage::statistics
