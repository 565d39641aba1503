#pragma once
// Why there is no answer: what the client is told, and what may be done about it.

#include "triage/cancellation.hpp"
#include "triage/dialect.hpp"
#include "triage/error.hpp"
#include "triage/message.hpp"
#include "triage/record.hpp"
#include "triage/spec.hpp"
#include "triage/upstream.hpp"

#include <chrono>
#include <ctime>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace triage {

struct Target;

/// A provider's own error, ready for the client: in OpenAI's format, without secrets.
struct ErrorReply {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
};

struct Failure {
  Remedy remedy = Remedy::none;
  std::optional<std::chrono::milliseconds> retry_after = {};  ///< what the provider asked for
  bool elsewhere = false;                                     ///< repeat it only if there is no other candidate
  Error error = {};                                           ///< for the client, unless there is a `reply`
  std::optional<ErrorReply> reply = {};                       ///< to be passed on unchanged

  [[nodiscard]] ErrorCode code() const noexcept { return reply ? ErrorCode::upstream_error : error.code; }
};

/// The outcome of a request that ends with this error.
Outcome outcome_of(ErrorCode code) noexcept;

/// Why nobody waits for the answer any more: the client left (`message` says so), or the gateway is stopping.
Error given_up(const Cancellation& gone, std::string message);

/// The failure for an error of the upstream or of an answer.
Failure failure_of(Error error);

/// The failure for an answer of status 2xx that is an error and names another status: as if it had come with that
/// status.
Failure reported_failure(const Target& target, const Error& error);

/// Reads to its end a provider's reply of status 300 or above.
Async<Failure> read_failure(const Target& target, Reply& reply);

/// A route's time-outs for one call that must fit in `left`.
CallTimeouts timeouts_within(const TimeoutsSpec& spec, std::chrono::milliseconds left);

/// The pause that `retry-after-ms` or `Retry-After` ask for (RFC 9110, 10.2.3); nullopt if neither is sensible.
std::optional<std::chrono::milliseconds> asked_pause(const std::vector<Field>& fields, std::time_t now);

/// What no client may see of a provider, as views into it.
std::vector<std::string_view> secrets_of(const Provider& provider);

}  // namespace triage
