#pragma once
// Latency and cost as outcomes in [0,1], measured by what control's earlier requests had.
//
// A test stays valid only if the measure does not depend on the unit that it is applied to. So ask outcome() first,
// with what was known before the request, and tell learn() afterwards, of control's requests only. Where units come
// again, learn from the first request of each window only: then nobody who asks often is his own measure.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace triage::statistics {

/// A quantile of a stream of positive numbers, of which older ones count less: a histogram with bins that grow by 4 %,
/// interpolated; all counts are halved at 4,000. Numbers below 1 and above 10^12 count as those.
class RunningQuantile {
 public:
  void add(double value);
  /// `probability` in (0,1). 0 before the first value.
  [[nodiscard]] double quantile(double probability) const;
  [[nodiscard]] double values() const noexcept { return total_; }  ///< that still count

  [[nodiscard]] std::vector<double> save() const;
  bool load(std::span<const double> state);

 private:
  static constexpr std::size_t bins = 705;
  double total_ = 0;
  std::array<double, bins> counts_{};
};

/// 1 if a request took longer than control's 95th percentile at that time, else 0.
class LatencyOutcome {
 public:
  /// Absent until control's percentile is known: 50 requests of it.
  [[nodiscard]] std::optional<double> outcome(double latency_ms) const;
  void learn(double control_latency_ms) { latencies_.add(control_latency_ms); }

  [[nodiscard]] std::vector<double> save() const { return latencies_.save(); }
  bool load(std::span<const double> state) { return latencies_.load(state); }

 private:
  RunningQuantile latencies_;
};

/// min(cost, cap) / cap.
class CostOutcome {
 public:
  /// `cap_nano_usd` 0: the 99th percentile of control's first 200 requests that cost something; it then stays.
  explicit CostOutcome(double cap_nano_usd) : cap_(cap_nano_usd) {}

  /// Absent until there is a cap.
  [[nodiscard]] std::optional<double> outcome(double cost_nano_usd) const;
  void learn(double control_cost_nano_usd);
  [[nodiscard]] double cap_nano_usd() const noexcept { return cap_; }  ///< 0: not known yet

  [[nodiscard]] std::vector<double> save() const;
  bool load(std::span<const double> state);

 private:
  double cap_;
  RunningQuantile costs_;
};

}  // namespace triage::statistics
