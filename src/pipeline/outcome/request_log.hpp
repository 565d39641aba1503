#pragma once
// A line in the log about each request, and about each attempt that failed, within the bounds of the configuration's
// `log`; docs/operate.md has the names. What is beyond them is counted in triage_log_limited_total.

#include "pipeline/attempt/trail.hpp"
#include "pipeline/live/snapshot.hpp"

#include <string_view>

namespace triage {

class RequestOutcome;

/// One that has ended, but for the ledger.
void log_request(const Snapshot& snapshot, const RequestOutcome& outcome, Trail::Clock::time_point now);

/// `why` that row failed; the request `id` may yet be answered by another attempt.
void log_failed_attempt(const Snapshot& snapshot, std::string_view id, const Trail& trail, std::size_t row,
                        std::string_view why);

}  // namespace triage
