#pragma once
// What was spent on pairs of answers, for budgets that outlive a restart.

#include "triage/record.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace triage::ledger {

struct SpentOnPairs {
  std::string route;
  PairKind kind = PairKind::ensemble;
  std::int64_t nano_usd = 0;  ///< of all attempts of those requests whose cost is known
};

/// Of the ledger in `folder`, since then: from the database, and from the journal what it has not got yet. Throws
/// std::runtime_error if there is a ledger that cannot be read.
std::vector<SpentOnPairs> spent_on_pairs(const std::string& folder, std::int64_t since_unix_ms);

}  // namespace triage::ledger
