#pragma once
// What a route's records say about its traffic, for `triage plan`.

#include "ledger/stored_pair.hpp"

#include <cstdint>
#include <string>

namespace triage::ledger {

/// A sum over those of which the value is known.
struct Known {
  double sum = 0;
  std::uint64_t count = 0;
  void add(double value) noexcept {
    sum += value;
    ++count;
  }
  [[nodiscard]] double mean() const noexcept { return count > 0 ? sum / static_cast<double>(count) : 0; }
};

struct SeenWorkload {
  std::uint64_t requests = 0;         ///< that were answered; shadows are none
  std::int64_t first_unix_ms = 0;     ///< of the first request
  std::int64_t last_unix_ms = 0;      ///< of the last
  std::uint64_t strong_requests = 0;  ///< answered by another tier than pairs call cheap
  Known cost_usd;                     ///< of requests
  Known frontier_cost_usd;            ///< the same, had the route's top tier answered them all
  std::string cheap_tier;             ///< of the pairs; empty: there are none
  Known pair_cost_weak_usd;
  Known pair_cost_strong_usd;
  Known quality_weak;  ///< of scored pairs, like the next
  Known quality_strong;
  Known both_right;  ///< the lower of the two scores
};

/// `route`: empty for all. Older requests than `since_unix_ms` are left out.
SeenWorkload read_workload(const std::string& folder, const std::string& route, std::int64_t since_unix_ms);

}  // namespace triage::ledger
