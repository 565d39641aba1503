#pragma once
// How good answers were over time, from the database. For the dashboard.

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace triage::ledger {

struct QualityTrendOptions {
  std::string folder;
  std::int64_t since_unix_ms = 0;
  std::int64_t until_unix_ms = 0;
  std::int64_t step_ms = 0;          ///< at most a few hundred of them
  std::optional<std::string> route;  ///< absent: all
};

/// Of each step at most this many requests are looked at for their signals: the first ones.
inline constexpr std::int64_t quality_sample = 300;

/// A JSON object: `signals`, by name, with `of` (requests where it was looked for) and `seen`; `feedback`, `completed`
/// and `grade` with their number and mean; all of them in `total`, and per step in `series`; `sampled`: not all
/// requests were looked at. Throws std::runtime_error if the database cannot be read.
nlohmann::ordered_json quality_trend(const QualityTrendOptions& options);

}  // namespace triage::ledger
