// A call that the gateway does not read: the client's body goes up as it arrives, the provider's comes down as it
// arrives. A provider's body that is cut cuts the client's connection, so that it cannot be taken for whole. What such
// a call costs is not known, but for those that only look.
#include "openai/features.hpp"
#include "pipeline/attempt.hpp"

namespace triage {
namespace {

bool only_looks(const RequestHead& head) noexcept {
  return head.method == "GET" || head.method == "HEAD";
}

// The call's end, in its row and in the deployment's metrics.
void end_call(Context& context, const LiveDeployment& deployment, Outcome outcome, AttemptEnd end) {
  deployment.metrics.attempts[static_cast<std::size_t>(outcome)]->add();
  RowEnd row;
  row.end = end;
  end_row(context, 0, deployment, row);
  if (outcome == Outcome::ok && !only_looks(context.exchange.head()))
    context.record.attempts.front().cost_nano_usd.reset();
}

Async<Result<void>> relay_body(Context& context, const LiveDeployment& deployment, Reply& reply, ResponseHead head) {
  Exchange& exchange = context.exchange;
  auto piece = co_await reply.next();
  if (!piece) {
    const Error error = piece.error();
    end_call(context, deployment, outcome_of(error), AttemptEnd::truncated);
    co_return error;
  }
  context.record.first_byte = RequestRecord::Clock::now();
  context.record.status = head.status;
  const auto length = reply.content_length();
  if (piece->empty() || length == piece->size()) {
    end_call(context, deployment, Outcome::ok, AttemptEnd::completed);
    co_await conclude(context);
    const auto sent = co_await exchange.respond(std::move(head), *piece);
    if (sent && !piece->empty()) co_await reply.next();
    co_return sent;
  }
  auto sent = co_await exchange.begin(std::move(head), length, *piece);
  while (sent) {
    piece = co_await reply.next();
    if (!piece) {
      const Error error = piece.error();
      exchange.abort();
      context.record.outcome = outcome_of(error);
      context.record.error = error.code;
      end_call(context, deployment, context.record.outcome, AttemptEnd::truncated);
      co_return Result<void>();
    }
    if (piece->empty()) {
      end_call(context, deployment, Outcome::ok, AttemptEnd::completed);
      co_await conclude(context);
      const auto finished = co_await exchange.finish();
      co_return finished;
    }
    sent = co_await exchange.write(*piece);
  }
  end_call(context, deployment, Outcome::cancelled, AttemptEnd::cancelled);
  co_return sent;
}

}  // namespace

Async<Result<void>> pass_through(Context& context) {
  Exchange& exchange = context.exchange;
  RequestRecord& record = context.record;
  const RequestHead& client = exchange.head();
  auto resolution = resolve_path(context.snapshot, context.key, client);
  if (!resolution) co_return resolution.error();
  const ApiRequest unread;
  const RoutingInput input(unread, client, context.key, read_features);
  resolution->decision = decide(resolution->route->chain, input);
  const auto planned = plan(context.snapshot, *resolution, Needs(), std::nullopt, context.ticket);
  if (!planned) co_return planned.error();
  const Target& target = planned->targets.front();
  record.route = target.route;
  record.metrics = &target.route->metrics;
  record.decision = std::move(resolution->decision);
  const LiveDeployment& deployment = *target.deployment;
  EncodedCall encoded = deployment.dialect->pass_through(client, *deployment.provider);
  encoded.call.replayable = only_looks(client);
  if (client.has_body()) encoded.call.body_source = &exchange;
  record.body_read = RequestRecord::Clock::now();
  begin_row(context, target, AttemptCause::first);

  Cancellation attempt;
  const CancellationHook when_gone(exchange.gone(), [&attempt] { attempt.fire(); });
  const TimeoutsSpec& spec = target.route->spec->timeouts;
  const CallTimeouts timeouts = timeouts_within(spec, spec.total);
  const auto reply = co_await context.upstream.send(*deployment.provider, encoded.call, timeouts, attempt);
  if (!reply) {
    const Error error = reply.error();
    const bool left = error.code == ErrorCode::client_gone;
    end_call(context, deployment, outcome_of(error), left ? AttemptEnd::cancelled : AttemptEnd::failed);
    co_return error;
  }
  record.answered = RequestRecord::Clock::now();
  const int status = (*reply)->head().status;
  record.attempts.front().status = status;
  if (status >= 400) {
    const ProviderError error = co_await read_error(target, **reply);
    record.outcome =
        remedy_for_status(status, error.body) == Remedy::none ? Outcome::client_error : Outcome::upstream_error;
    record.error = ErrorCode::upstream_error;
    end_call(context, deployment, record.outcome, AttemptEnd::failed);
    const auto sent = co_await send_error(context, error);
    co_return sent;
  }
  ResponseHead head = client_head(**reply, target);
  const auto relayed = co_await relay_body(context, deployment, **reply, std::move(head));
  co_return relayed;
}

}  // namespace triage
