#pragma once
// What the steps of one request share, and what is known of the request when it ends.

#include "base/deadline.hpp"
#include "pipeline/live/snapshot.hpp"
#include "pipeline/plan.hpp"
#include "pipeline/seen_answer.hpp"
#include "triage/exchange.hpp"
#include "triage/ledger.hpp"
#include "triage/upstream.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace triage {

/// Filled on the way; every request ends with one, also those that failed. Views live as long as the snapshot.
struct RequestRecord {
  using Clock = std::chrono::steady_clock;

  const LiveRoute* route = nullptr;       ///< null: none was reached, or the client named a deployment
  const RouteMetrics* metrics = nullptr;  ///< null: neither was reached
  std::string model;                      ///< that the client asked for
  bool streamed = false;                  ///< it asked for a stream
  Decision decision;
  std::string note;                     ///< why the plan does not start with the decision's tier
  const ApiRequest* request = nullptr;  ///< as long as there are attempts, as the next
  const Features* features = nullptr;
  std::vector<AttemptRecord> attempts;
  Target asked;  ///< whose answer the client gets; without one, who was asked last
  Outcome outcome = Outcome::ok;
  std::optional<ErrorCode> error;
  std::string why;  ///< of an error that is not the client's fault, for the log
  int status = 0;
  std::string finish_reason;
  std::int64_t continued = 0;      ///< tokens of an answer that was cut off, which the last attempt went on with
  Clock::time_point body_read;     ///< the client's part of the waiting ends here
  Clock::time_point sent;          ///< the first attempt began
  Clock::time_point answered;      ///< the answer that the client gets came
  Clock::time_point first_byte;    ///< of the answer's body to the client
  bool kept = false;               ///< conclude() was called
  std::optional<PairRecord> pair;  ///< what it was compared with
  std::string shadow_of;           ///< the request for which this call is made, for comparison; empty: it is a request
};

class Shadows;

struct Context {
  const Snapshot& snapshot;
  Exchange& exchange;
  Upstream& upstream;
  DeadlineWheel& deadlines;
  Executor executor;     ///< of this loop
  Ledger* ledger;        ///< null: none is kept
  std::uint64_t ticket;  ///< one higher for each request of this loop
  const KeySpec* key = nullptr;
  bool answering = false;  ///< a byte of the answer was sent: no other attempt can be made
  RequestRecord record{};
  std::unique_ptr<SeenAnswer> seen{};  ///< null: the answer is not read for the record
  Shadows* shadows = nullptr;          ///< of this loop; null: none are cast
};

/// The outcome that an error means for its request.
Outcome outcome_of(const Error& error) noexcept;

/// Milliseconds from `from` to `to`.
double elapsed_ms(RequestRecord::Clock::time_point from, RequestRecord::Clock::time_point to) noexcept;

/// Adds a row for a call to `target` that begins now. Returns its place in `record.attempts`.
std::size_t begin_row(Context& context, const Target& target, AttemptCause cause, Purpose purpose = Purpose::answer);

/// How a call came out, for its row.
struct RowEnd {
  AttemptEnd end = AttemptEnd::completed;
  std::string_view error;               ///< an error code; empty: none
  std::optional<Usage> reported;        ///< by the provider
  std::optional<std::int64_t> asked;    ///< tokens that were sent, estimated; absent: the request's
  std::optional<std::int64_t> written;  ///< else: tokens of the answer that came, estimated; absent: nothing is billed
};

/// Fills the row's end: its latency, tokens, what they cost; counts them.
void end_row(Context& context, std::size_t row, const LiveDeployment& deployment, const RowEnd& end);

/// nano-USD of all attempts so far; nothing if one of them has no known price.
std::optional<std::int64_t> total_cost(const RequestRecord& record) noexcept;
std::optional<std::int64_t> total_cost(std::span<const AttemptRecord> attempts) noexcept;

/// The same in USD, as decimal; or empty.
std::string cost_so_far(const RequestRecord& record);

/// Gives the request to the ledger and counts it, once: whoever sends the last bytes of an answer calls it before, so
/// that no answer ends whose record could be lost.
Async<void> conclude(Context& context);

}  // namespace triage
