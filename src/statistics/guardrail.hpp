#pragma once
// Tests of a whole guardrail: units that come again, disasters in the first minutes and later, and how alpha is
// divided.
//
// The probability of a false rollback is divided, not the evidence averaged: a unit's arm is known to the gateway from
// its first outcome on, so that only within one process is each arm a fresh draw. Each process keeps its own part by
// Ville's inequality, and the sum of the parts is alpha whenever one looks.

#include "statistics/betting.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace triage::statistics {

/// The disaster rule's part of an experiment's alpha. The guardrails divide the rest by their weights.
inline constexpr double disaster_part = 0.1;

/// Which of a unit's windows an observation is of.
struct UnitWindow {
  bool first = true;         ///< the unit's first window of all
  std::uint32_t stage = 1;   ///< from 1; the next begins where the share in force changes. It never falls for a unit
  std::uint32_t number = 1;  ///< of the unit's windows in this stage, from 1
};

/// The part of a guardrail's alpha that the test of all units' first windows has: 0.7.
inline constexpr double first_part = 0.7;
/// That of the test of all units' windows with this number in this stage: the rest, most of it divided equally among
/// the first four stages, and half of a stage's among the windows with number 1. All parts sum up to 1.
double window_part(std::uint32_t stage, std::uint32_t number);

/// What a guardrail's log_evidence() has to reach: log(1 / (alpha * (1 - disaster_part) * weight / weights)).
/// `weights` is the sum over all guardrails of the experiment.
double guardrail_threshold(double alpha, double weight, double weights);
/// What DisasterTest::log_evidence() has to reach.
double disaster_threshold(double alpha);

/// One guardrail. A unit that comes again is in one window after another; the mean of its outcomes in a window is one
/// observation. Units' first windows are one test, and so are their windows with the same number in the same stage:
/// each is a BettingTest that sees a unit at most once, with a part of alpha.
class GuardrailTest {
 public:
  /// `units_return`: false where every request is a unit of its own. Then the test of first windows has the whole
  /// alpha, and there is no other.
  GuardrailTest(double margin, bool larger_is_better, bool units_return = true);

  /// Each unit at most once a window. Beyond stages_max and numbers_max only first windows count.
  void add(const UnitWindow& window, const Observation& seen);

  /// The largest of log wealth + log part over all tests. Roll back at guardrail_threshold().
  [[nodiscard]] double log_evidence() const noexcept;
  /// Observations: each window once.
  [[nodiscard]] std::uint64_t units() const noexcept { return static_cast<std::uint64_t>(units_); }

  [[nodiscard]] std::vector<double> save() const;
  bool load(std::span<const double> state);

  static constexpr std::uint32_t stages_max = 32;
  static constexpr std::uint32_t numbers_max = 60;

 private:
  struct Numbered {
    std::uint32_t stage;
    std::uint32_t number;
    BettingTest test;
  };
  BettingTest& numbered(std::uint32_t stage, std::uint32_t number);

  bool units_return_;
  BettingTest none_;  // as every test begins
  BettingTest first_;
  std::vector<Numbered> numbered_;  // in the order in which they began
  double units_ = 0;
};

/// The rule for disasters: that 5 in 100 more of the requests fail under treatment. It takes the *first*
/// request of each unit in an epoch, as soon as it ends, instead of waiting for a window's end: errors of 50 % instead
/// of 1 % are found within a dozen treated requests. Epochs (an hour, say) are the experiment's, not the unit's, so
/// that a disaster on the fifth day is found within minutes too, though all users are known by then.
class DisasterTest {
 public:
  DisasterTest();

  /// `value`: 1 for a request that failed. At most once a unit and epoch.
  void add(const Observation& seen) { test_.add(seen); }

  /// The next epoch begins. When may depend on nothing but time and the number of requests.
  void next_epoch();

  /// log wealth + log part, of this epoch: epoch k (from 1) has 1/(k(k+1)) of alpha. Roll back at disaster_threshold().
  [[nodiscard]] double log_evidence() const noexcept;
  [[nodiscard]] std::uint64_t units() const noexcept { return test_.units(); }  ///< in this epoch

  [[nodiscard]] std::vector<double> save() const;
  bool load(std::span<const double> state);

 private:
  double epoch_ = 1;
  BettingTest test_;
};

}  // namespace triage::statistics
