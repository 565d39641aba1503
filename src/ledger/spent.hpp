#pragma once
// What was spent on pairs of answers, for budgets that outlive a restart.

#include "triage/record.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace triage::ledger {

struct SpentOnPairs {
  std::string route;
  PairKind kind = PairKind::ensemble;
  std::int64_t nano_usd = 0;  ///< of all attempts of those requests, as far as their cost is known
};

/// Sums up the ledger in `folder` from then on, from the database and, for what that lacks yet, from the journal.
/// Throws std::runtime_error if there is a ledger that cannot be read.
std::vector<SpentOnPairs> spent_on_pairs(const std::string& folder, std::int64_t since_unix_ms);

/// What judges have cost, by route, of the grades since then. Throws likewise.
std::map<std::string, std::int64_t> spent_on_judges(const std::string& folder, std::int64_t since_unix_ms);

}  // namespace triage::ledger
