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

/// A provider's own error, ready for the client: OpenAI's shape, no secrets.
struct ErrorReply {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
};

struct Failure {
  Remedy remedy = Remedy::none;
  std::optional<std::chrono::milliseconds> retry_after = {};  ///< what the provider asked for
  bool elsewhere = false;                                     ///< the same again only if there is no other candidate
  Error error = {};                                           ///< for the client, if there is no `reply`
  std::optional<ErrorReply> reply = {};                       ///< to be passed on as it is

  [[nodiscard]] ErrorCode code() const noexcept { return reply ? ErrorCode::upstream_error : error.code; }
};

/// The outcome that an error means for whom it ends.
Outcome outcome_of(ErrorCode code) noexcept;

/// Why nobody waits for an answer any more: the client has left, which `message` tells, or the gateway is stopping.
Error given_up(const Cancellation& gone, std::string message);

/// Of an error of the way out, or of an answer.
Failure failure_of(Error error);

/// Of an answer of status 2xx that is an error and names another status: as if it had come with that.
Failure reported_failure(const Target& target, const Error& error);

/// Reads a provider's reply of status 300 and more to its end.
Async<Failure> read_failure(const Target& target, Reply& reply);

/// A route's time-outs for one call that must fit in `left`.
CallTimeouts timeouts_within(const TimeoutsSpec& spec, std::chrono::milliseconds left);

/// What `retry-after-ms` or `Retry-After` ask for (RFC 9110, 10.2.3); nullopt if neither says anything sensible.
std::optional<std::chrono::milliseconds> asked_pause(const std::vector<Field>& fields, std::time_t now);

/// What no client may see of a provider. Views into it.
std::vector<std::string_view> secrets_of(const Provider& provider);

}  // namespace triage
