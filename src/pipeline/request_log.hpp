#pragma once
// A line in the log about each request, and about each attempt that failed, within the bounds of the configuration's
// `log`; docs/operate.md has the names. What is beyond them is counted in triage_log_left_out_total.

#include "pipeline/context.hpp"

#include <string_view>

namespace triage {

/// For conclude(): the record is complete but for the ledger.
void log_request(const Context& context, RequestRecord::Clock::time_point now);

/// `why` it failed; the request may yet be answered by another attempt.
void log_failed_attempt(const Context& context, std::size_t row, std::string_view why);

}  // namespace triage
