#pragma once
// Requests of the database, the newest first, page by page, and all that is known of one of them. For the dashboard.

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace triage::ledger {

/// Which requests; all that are given hold at once. A name of "" stands for null.
struct SearchOptions {
  std::string folder;
  std::optional<std::int64_t> before_seq;  ///< older than that record
  std::optional<std::int64_t> after_seq;   ///< newer, the oldest of them first
  std::size_t rows_max = 50;
  std::optional<std::int64_t> since_unix_ms, until_unix_ms;
  std::optional<std::string> route, tier, key, model, error, task_class, deployment;
  std::optional<std::string> outcome;  ///< a name, or "errors": the three that are errors
  std::optional<std::string> cause;    ///< an attempt with that cause
  std::optional<std::string> signal;   ///< one of the record's that holds
  std::optional<std::string> thumb;    ///< of feedback
  std::optional<std::string> experiment, arm;
  std::optional<std::string> text;  ///< part of the id, the prompt or the answer
  std::optional<std::int64_t> status;
  std::optional<double> cost_usd_min, latency_ms_min;
};

/// A page looks at no more records than this; what it found by then is the page.
inline constexpr std::int64_t search_reach = 50'000;

/// A JSON object: `rows`; `next`, the `before_seq` of the next page, or null; `searched_until_unix_ms`, where a page
/// ended before it was full; `newest`, a number to ask for newer ones by. `texts`: with the beginning of prompts, and
/// they are searched. Throws std::runtime_error if the database cannot be read.
nlohmann::ordered_json search(const SearchOptions& options, bool texts);

/// A JSON object: `record`, `attempts`, `feedback`, `grades`, `shadows`; null: there is none with that id. Without
/// `texts` prompt, answer and comments are null.
nlohmann::ordered_json one_request(const std::string& folder, const std::string& id, bool texts);

/// The names that there are: `routes`, `tiers`, `deployments`, `keys`, `models`, of the last sums, each at most 200.
nlohmann::ordered_json known_names(const std::string& folder);

/// When the oldest request of the database began. Absent: there is none.
std::optional<std::int64_t> first_unix_ms(const std::string& folder);

}  // namespace triage::ledger
