#pragma once
// One call to one deployment for a request, and what its failure means. handle_api makes as many as Failover says.

#include "pipeline/failover.hpp"
#include "pipeline/steps.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace triage {

/// A provider's own error, ready for the client: OpenAI's shape, no secrets.
struct ProviderError {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
};

struct AttemptFailure {
  AttemptFailed what;
  Error error;                         ///< for the client, if there is no `reply`
  std::optional<ProviderError> reply;  ///< to be passed on as it is
};

/// Calls `target` and relays its answer. nullopt: the client has its answer. A failure has told the client nothing,
/// unless `context.answering`. `final_choice`: no other deployment can be asked after this one.
Async<std::optional<AttemptFailure>> attempt(Context& context, const ApiRequest& request, const Target& target,
                                             const CallTimeouts& timeouts, bool final_choice);

/// A route's time-outs for one call that must fit in `left`.
CallTimeouts timeouts_within(const TimeoutsSpec& spec, std::chrono::milliseconds left);

/// What may be done about an error of the way out, or of an answer.
Remedy remedy_for(const Error& error) noexcept;

/// The same for a status of 300 and more; `body` tells a prompt that is too long from other refusals.
Remedy remedy_for_status(int status, std::string_view body) noexcept;

/// What `retry-after-ms` or `Retry-After` ask for (RFC 9110, 10.2.3); nullopt if neither says anything sensible.
std::optional<std::chrono::milliseconds> asked_pause(const std::vector<Field>& fields, std::time_t now);

/// Reads a provider's error to its end.
Async<ProviderError> read_error(const Target& target, Reply& reply);

/// Sends it on, as a reply or as the last event of a stream that has begun.
Async<Result<void>> send_error(Context& context, const ProviderError& error);

}  // namespace triage
