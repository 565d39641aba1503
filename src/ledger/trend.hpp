#pragma once
// What requests cost and how they went over time, from the database's sums alone: a few hundred milliseconds at most,
// however many records there are. For the dashboard.

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace triage::ledger {

/// Which requests; a name of "" stands for null.
struct TrendOptions {
  std::string folder;
  std::int64_t since_unix_s = 0;  ///< rounded down as a report's is
  std::int64_t until_unix_s = 0;  ///< exclusive
  std::optional<std::string> route, tier, deployment, key, model;
};

/// A JSON object:
///
///   since_unix_s, until_unix_s, step_s, last_unix_ms (of the newest record in the database); the first step may begin
///              before since_unix_s, and then lacks what was before
///   total      the sums, latency_ms and ttft_ms with p50, p95, p99, and `outcomes` by name
///   before     the sums of the period of the same length before
///   savings    what all of it costs beneath the top tier, as a share: estimate, low, high (95 %), slices; or null
///   series     per step its sums, latency, `tiers` and `outcomes`
///   by         route, tier, deployment, key, model: the sums of each name, the dearest first
///
/// Throws std::runtime_error if the database cannot be read.
nlohmann::ordered_json trend(const TrendOptions& options);

/// A share that was saved, and its interval.
struct SavedShare {
  double estimate = 0, low = 0, high = 0;
  std::size_t slices = 0;
};

/// The ratio estimate 1 - cost/frontier over slices of time, which are taken to be independent (the variance of a ratio
/// by linearisation: Cochran, Sampling Techniques, 6.4). Absent: fewer than ten slices, or nothing to compare with.
class Saved {
 public:
  void add(double cost, double frontier);
  [[nodiscard]] std::optional<SavedShare> share() const;

 private:
  std::size_t n_ = 0;
  double cost_ = 0, frontier_ = 0, cost2_ = 0, both_ = 0, frontier2_ = 0;
};

/// The step of a period: at most about 120 of them.
std::int64_t trend_step_s(std::int64_t span_s) noexcept;

}  // namespace triage::ledger
