#pragma once
// Tests by betting: is the treatment worse than control by more than a margin? One may look after every unit.
//
// A gambler who bets against "the treatment is not worse" cannot expect to win as long as that is true: the probability
// that the wealth, 1 at first, ever reaches 1/alpha is alpha at most (Ville's inequality; Waudby-Smith and Ramdas 2024,
// "Estimating means of bounded random variables by betting"; Howard et al. 2021). docs/statistics.md has the formulas,
// the assumptions and the proof.

#include "statistics/observation.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace triage::statistics {

/// The e-process of one bounded outcome. Its null hypothesis: for every unit, given what the test saw before it, the
/// expected outcome under treatment is worse than under control by `margin` at most. Base rates may drift and shares
/// may change; the arm must be drawn with the stated share, independently of the outcomes, and a test must see each
/// unit at most once (GuardrailTest takes units that come again).
///
/// An update takes about 0.1 us; the state is 13 numbers. Not thread-safe.
class BettingTest {
 public:
  /// `margin` in (-1,1): a difference of means. `larger_is_better`: of the outcome.
  BettingTest(double margin, bool larger_is_better);

  /// Values outside [0,1] count as the nearer end. Does nothing where the observation tells nothing
  /// (tells_something()).
  void add(const Observation& seen);

  /// The natural logarithm of the wealth. Roll back as soon as it is log(1/alpha) or more.
  [[nodiscard]] double log_wealth() const noexcept { return log_wealth_; }
  /// Observations that it learned from.
  [[nodiscard]] std::uint64_t units() const noexcept { return static_cast<std::uint64_t>(units_); }

  [[nodiscard]] std::vector<double> save() const;  ///< state.hpp
  bool load(std::span<const double> state);

  static constexpr std::size_t bets = 8;
  static constexpr std::size_t state_size = 5 + bets;

 private:
  void bet(double gain, double bet_max, double scale);
  void learn(double value, double expected);

  double margin_;
  double sign_;  // 1: larger is better
  double log_wealth_ = 0;
  std::array<double, bets> shares_;  // of the wealth, that each bet holds; they sum up to 1
  double units_ = 0;
  double weight_ = 0;  // of the values below: units, of which older ones count less
  double sum_ = 0;     // of values
  double spread_ = 0;  // of squared distances from what was expected
};

/// The mirrored test, for promotion: evidence that the treatment is *not* worse by `margin` or more. Promote at
/// log_wealth() >= log(1/alpha).
class NonInferiorityTest : public BettingTest {
 public:
  NonInferiorityTest(double margin, bool larger_is_better) : BettingTest(-margin, !larger_is_better) {}
};

/// log(1/alpha): what the logarithm of an e-process has to reach.
double log_threshold(double alpha);

}  // namespace triage::statistics
