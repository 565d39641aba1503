#pragma once
// What the steps of one request share, and what is known of the request when it ends.

#include "base/deadline.hpp"
#include "pipeline/snapshot.hpp"
#include "triage/exchange.hpp"
#include "triage/upstream.hpp"

#include <chrono>
#include <optional>

namespace triage {

/// Filled on the way; every request ends with one, also those that failed.
struct RequestRecord {
  using Clock = std::chrono::steady_clock;

  const RouteMetrics* route = nullptr;
  const LiveDeployment* deployment = nullptr;  ///< of the last attempt
  std::string_view tier;                       ///< of the last attempt
  std::uint32_t attempts = 0;
  Outcome outcome = Outcome::ok;
  std::optional<ErrorCode> error;
  std::optional<Usage> usage;
  Clock::time_point body_read;   ///< the client's part of the waiting ends here
  Clock::time_point sent;        ///< the attempt began
  Clock::time_point answered;    ///< the provider's head came
  Clock::time_point first_byte;  ///< of the answer's body to the client
};

struct Context {
  const Snapshot& snapshot;
  Exchange& exchange;
  Upstream& upstream;
  DeadlineWheel& deadlines;
  std::uint64_t ticket;  ///< one higher for each request of this loop
  const KeySpec* key = nullptr;
  bool answering = false;  ///< a byte of the answer was sent: no other attempt can be made
  RequestRecord record{};
};

/// The outcome that an error means for its request.
Outcome outcome_of(const Error& error) noexcept;

/// Adds what the last attempt's answer reported to its deployment's metrics.
void count_usage(const Context& context);

/// Counts a finished request in its route's and deployment's metrics.
void count(const Context& context);

}  // namespace triage
