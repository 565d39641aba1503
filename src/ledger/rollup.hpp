#pragma once
// What a report adds up: records of a period with the same names, folded into sums. Pure.
//
// A request is counted (requests, outcome, times, frontier cost) where its answer came from, or its last attempt.
// Tokens and costs are counted where each attempt was made. So every grouping adds up to the same totals. A shadow's
// record is not a request: only its attempts are counted.

#include "ledger/histogram.hpp"
#include "ledger/stored_record.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace triage::ledger {

/// The members that a report can group by; "" for null.
struct RollupNames {
  std::string_view route, tier, deployment, key, model, outcome;
  bool operator==(const RollupNames&) const = default;
};

/// Sums do not overflow: they stop at the largest value. Unknown costs are counted separately.
struct Sums {
  enum Count : std::uint8_t {
    requests,
    attempts,
    retries,
    fallbacks,
    hedges,
    escalations,
    refusals,
    estimated,  ///< attempts with estimated tokens
    tokens_input,
    tokens_input_cached,
    tokens_cache_write,
    tokens_output,
    tokens_reasoning,
    cost_nano_usd,
    cost_unknown,  ///< attempts of unknown cost
    frontier_cost_nano_usd,
    frontier_unknown,  ///< requests of unknown frontier cost
    count_size
  };
  std::array<std::int64_t, count_size> counts{};
  LogHistogram latency;   ///< of requests that reached a provider
  LogHistogram ttft;      ///< of those that had a first token
  LogHistogram overhead;  ///< of requests that reached a provider

  [[nodiscard]] std::int64_t operator[](Count count) const noexcept { return counts[count]; }
  void add(Count count, std::int64_t amount) noexcept;
  void add(const Sums& other);
};

/// The attempt that a request's answer came from; if there was none, the last one at an answer, or at anything. Null:
/// there are no attempts.
const StoredAttempt* answering(const std::vector<StoredAttempt>& attempts);

/// The names of the counts, which are also columns of the database.
inline constexpr std::array<std::string_view, Sums::count_size> count_names{"requests",
                                                                            "attempts",
                                                                            "retries",
                                                                            "fallbacks",
                                                                            "hedges",
                                                                            "escalations",
                                                                            "refusals",
                                                                            "estimated",
                                                                            "tokens_input",
                                                                            "tokens_input_cached",
                                                                            "tokens_cache_write",
                                                                            "tokens_output",
                                                                            "tokens_reasoning",
                                                                            "cost_nano_usd",
                                                                            "cost_unknown",
                                                                            "frontier_cost_nano_usd",
                                                                            "frontier_unknown"};

/// Sums by period and names, in memory.
class Rollups {
 public:
  static constexpr std::int64_t minute_s = 60;
  static constexpr std::int64_t hour_s = 3600;

  /// Counts the record in the period of `period_s` seconds in which it began.
  void add(const StoredRecord& record, std::int64_t period_s);
  void add(std::int64_t start_unix_s, const RollupNames& names, const Sums& sums);

  /// Calls visit(start_unix_s, names, sums), in any order.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const auto& [key, sums] : sums_) visit(start_of(key), names_of(key), sums);
  }
  void clear() { sums_.clear(); }
  [[nodiscard]] std::size_t size() const noexcept { return sums_.size(); }

 private:
  Sums& at(std::int64_t start_unix_s, const RollupNames& names);
  static std::int64_t start_of(const std::string& key);
  static RollupNames names_of(const std::string& key);

  std::unordered_map<std::string, Sums> sums_;  // keyed by start and names, concatenated
  std::string key_;
};

}  // namespace triage::ledger
