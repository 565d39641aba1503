#pragma once
// Logs a line about each request, and about each failed attempt, within the bounds of the configuration's `log`;
// docs/operate.md lists the names. Lines beyond the bounds are counted in triage_log_limited_total.

#include "pipeline/attempt/trail.hpp"
#include "pipeline/live/snapshot.hpp"

#include <string_view>

namespace triage {

class RequestOutcome;

/// Logs a request that has ended, except for the ledger.
void log_request(const Snapshot& snapshot, const RequestOutcome& outcome, Trail::Clock::time_point now);

/// Logs `why` the attempt in `row` failed. Another attempt may still answer the request `id`.
void log_failed_attempt(const Snapshot& snapshot, std::string_view id, const Trail& trail, std::size_t row,
                        std::string_view why);

}  // namespace triage
