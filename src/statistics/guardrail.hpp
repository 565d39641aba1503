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

/// Of a guardrail's alpha, for units that come again: generation 1 gets 0.8, generation k > 1 gets 0.2/(k(k-1)). They
/// sum up to 1. `generation` counts from 1.
double generation_part(std::uint32_t generation);

/// What a guardrail's log_evidence() has to reach: log(1 / (alpha * (1 - disaster_part) * weight / weights)).
/// `weights` is the sum over all guardrails of the experiment.
double guardrail_threshold(double alpha, double weight, double weights);
/// What DisasterTest::log_evidence() has to reach.
double disaster_threshold(double alpha);

/// One guardrail. A unit that comes again is in one window after another; the mean of its outcomes in its k-th window
/// is one observation of generation k, which is a BettingTest of its own. A unit whose share changes closes its window
/// and goes on in the next generation.
class GuardrailTest {
 public:
  /// `units_return`: false where every request is a unit of its own. Then there is only generation 1, and it has the
  /// whole alpha.
  GuardrailTest(double margin, bool larger_is_better, bool units_return = true);

  /// `generation` counts from 1; beyond generations_max (windows of a million times the first) nothing is learned.
  /// A generation must see each unit at most once.
  void add(std::uint32_t generation, const Observation& seen);

  /// The largest of log wealth + log part over all generations. Roll back at guardrail_threshold().
  [[nodiscard]] double log_evidence() const noexcept;
  /// Observations that it learned from, in all generations.
  [[nodiscard]] std::uint64_t units() const noexcept;

  [[nodiscard]] std::vector<double> save() const;
  bool load(std::span<const double> state);

  static constexpr std::uint32_t generations_max = 24;

 private:
  double margin_;
  bool larger_is_better_;
  bool units_return_;
  std::vector<BettingTest> generations_;
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
