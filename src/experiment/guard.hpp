#pragma once
// One guardrail at work. What is seen of a unit is collected in windows; the mean of a window is one observation of the
// test (docs/statistics.md says why not each request is). Each window of a unit is twice as long as the one before it;
// where the share has risen, the shortest comes again. Pure; time is the experiment's clock.

#include "experiment/archive.hpp"
#include "statistics/betting.hpp"
#include "statistics/confidence.hpp"
#include "statistics/guardrail.hpp"
#include "statistics/outcomes.hpp"
#include "triage/experiment_spec.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace triage::experiment {

/// A unit's current window, and what it had before.
struct Window {
  float sum = 0;
  std::uint32_t begin = 0;  ///< in tenths of a second of the experiment's clock
  std::uint16_t count = 0;  ///< of outcomes; 0: no window is open
  std::uint8_t number = 0;  ///< of the current window or the last one, at its share; 0: there was none. And two bits
  std::uint8_t share = 0;   ///< which of the shares
};
template <>
inline constexpr bool is_plain<Window> = true;

/// What was seen in one arm.
struct ArmOutcomes {
  std::uint64_t count = 0;
  double sum = 0;
  [[nodiscard]] double mean() const noexcept { return count > 0 ? sum / static_cast<double>(count) : 0; }
};
template <>
inline constexpr bool is_plain<ArmOutcomes> = true;

/// A difference of means.
struct Effect {
  double estimate = 0;
  double low = -1;
  double high = 1;
};

class Guard {
 public:
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

  Guard(const GuardrailSpec& spec, std::int64_t window_ms);

  /// What became known of `unit` (its number in the experiment) at `clock_ms`. `value` is as in Sighting. Ignored where
  /// the share leaves no choice.
  void add(std::uint32_t unit, bool treated, double share, double value, std::int64_t clock_ms);
  /// Closes the windows that are over.
  void advance(std::int64_t clock_ms);

  [[nodiscard]] const GuardrailSpec& spec() const noexcept { return spec_; }
  /// That the treatment is worse by more than the margin.
  [[nodiscard]] double log_evidence() const noexcept { return test_.log_evidence(); }
  /// That it is not worse by the margin, or better: the logarithm of an e-value.
  [[nodiscard]] double log_evidence_not_worse() const noexcept { return not_worse_.log_wealth(); }
  /// Observations of the test: windows that are over.
  [[nodiscard]] std::uint64_t observations() const noexcept { return test_.units(); }
  /// The treatment's mean less control's, of the units' first windows, and an interval for it that holds whenever one
  /// looks, with probability 1 - alpha. nullopt: no window is over yet.
  [[nodiscard]] std::optional<Effect> effect(double alpha) const;
  [[nodiscard]] const ArmOutcomes& arm(bool treated) const noexcept { return arms_[treated ? 1 : 0]; }
  [[nodiscard]] std::size_t bytes() const noexcept { return windows_.capacity() * sizeof(Window); }

  template <class A>
  friend void archive(A& a, Guard& guard) {
    archive(a, guard.windows_);
    archive(a, guard.shares_);
    archive(a, guard.earliest_end_);
    for (ArmOutcomes& arm : guard.arms_) archive(a, arm);
    archive_test(a, guard.latency_);
    archive_test(a, guard.cost_);
    archive_test(a, guard.test_);
    archive_test(a, guard.not_worse_);
    archive_test(a, guard.difference_);
  }

 private:
  [[nodiscard]] std::optional<double> outcome_of(double value) const;
  void learn(double value);
  std::optional<std::uint8_t> share_number(double share);
  [[nodiscard]] std::int64_t end_of(const Window& window) const noexcept;
  bool open(Window& window, bool treated, std::uint8_t share, std::int64_t clock_ms);
  void close(Window& window);

  GuardrailSpec spec_;
  std::int64_t window_ms_;
  statistics::GuardrailTest test_;
  statistics::NonInferiorityTest not_worse_;
  statistics::DifferenceSequence difference_;
  statistics::LatencyOutcome latency_;
  statistics::CostOutcome cost_;
  std::vector<Window> windows_;  // by the unit's number
  std::vector<double> shares_;   // that were ever in force
  std::int64_t earliest_end_ = never;
  std::array<ArmOutcomes, 2> arms_;  // control, treatment
};

}  // namespace triage::experiment
