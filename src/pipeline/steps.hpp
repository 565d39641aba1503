#pragma once
// The steps of a request, one file each. Each answers the client itself when it succeeds; what it returns as an error
// has not been told to the client yet, unless `exchange.begun()`.

#include "base/buffer.hpp"
#include "pipeline/context.hpp"
#include "pipeline/plan.hpp"
#include "triage/dialect.hpp"

#include <string>
#include <vector>

namespace triage {

/// chat/completions, completions, embeddings: read, check, route, send (handle_api.cpp).
Async<Result<void>> handle_api(Context& context, Api api);

/// Answers with what the plan's deployments say: through the route's cascade if it has one (handle_cascade.cpp), else
/// straight.
Async<Result<void>> answer(Context& context, const ApiRequest& request, const LiveRoute* route,
                           const std::vector<Target>& targets);

/// Calls the plan's deployments until one has answered or nothing is left to try (attempts.cpp).
Async<Result<void>> attempts(Context& context, const ApiRequest& request, const LiveRoute* route,
                             const std::vector<Target>& targets);

/// GET /v1/models and /v1/models/{id} (handle_models.cpp).
Async<Result<void>> handle_models(Context& context);

/// Every other path below /v1: both bodies byte for byte (pass_through.cpp).
Async<Result<void>> pass_through(Context& context);

/// What no client may see of a provider. Views into it.
std::vector<std::string_view> secrets_of(const Provider& provider);

/// Tells the client of a failure: an error reply, or the last event of a stream that has begun (fail.cpp).
Async<void> fail(Context& context, const Error& error);

/// The head for the client: the provider's fields that may travel on, and ours. Views into `reply` and `target`.
ResponseHead client_head(const Reply& reply, const Target& target);

/// Our own fields only: x-triage-route, -tier, -deployment, -router, -attempts.
void add_triage_fields(std::vector<Field>& fields, const Target& target);

/// The whole body of the reply, at most `limit` bytes, body_padding readable bytes behind. The view is valid until the
/// next call on `reply`; it points into the reply when one piece was all, else into `storage`.
Async<Result<std::string_view>> read_whole(Reply& reply, std::uint64_t limit, Buffer& storage);

}  // namespace triage
