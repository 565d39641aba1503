// A call that the gateway does not read: the client's body goes up as it arrives, the provider's comes down as it
// arrives. A provider's body that is cut cuts the client's connection, so that it cannot be taken for whole.
#include "pipeline/attempt.hpp"

namespace triage {
namespace {

Async<Result<void>> relay_body(Context& context, Reply& reply, ResponseHead head) {
  Exchange& exchange = context.exchange;
  auto piece = co_await reply.next();
  if (!piece) co_return piece.error();
  context.record.first_byte = RequestRecord::Clock::now();
  const auto length = reply.content_length();
  if (piece->empty() || length == piece->size()) {
    const auto sent = co_await exchange.respond(std::move(head), *piece);
    if (sent && !piece->empty()) co_await reply.next();
    co_return sent;
  }
  auto sent = co_await exchange.begin(std::move(head), length, *piece);
  while (sent) {
    piece = co_await reply.next();
    if (!piece) {
      exchange.abort();
      context.record.outcome = outcome_of(piece.error());
      context.record.error = piece.error().code;
      co_return Result<void>();
    }
    if (piece->empty()) co_return co_await exchange.finish();
    sent = co_await exchange.write(*piece);
  }
  co_return sent;
}

}  // namespace

Async<Result<void>> pass_through(Context& context) {
  Exchange& exchange = context.exchange;
  RequestRecord& record = context.record;
  const RequestHead& client = exchange.head();
  const auto resolution = resolve_path(context.snapshot, context.key, client);
  if (!resolution) co_return resolution.error();
  const auto planned = plan(context.snapshot, *resolution, Needs(), std::nullopt, context.ticket);
  if (!planned) co_return planned.error();
  const Target* const target = &planned->targets.front();
  record.route = &target->route->metrics;
  const LiveDeployment& deployment = *target->deployment;
  EncodedCall encoded = deployment.dialect->pass_through(client, *deployment.provider);
  encoded.call.replayable = client.method == "GET" || client.method == "HEAD";
  if (client.has_body()) encoded.call.body_source = &exchange;
  record.deployment = &deployment;
  record.attempts = 1;

  Cancellation attempt;
  const CancellationHook when_gone(exchange.gone(), [&attempt] { attempt.fire(); });
  const TimeoutsSpec& spec = target->route->spec->timeouts;
  const CallTimeouts timeouts = timeouts_within(spec, spec.total);
  record.body_read = record.sent = RequestRecord::Clock::now();
  const auto reply = co_await context.upstream.send(*deployment.provider, encoded.call, timeouts, attempt);
  if (!reply) co_return reply.error();
  record.answered = RequestRecord::Clock::now();
  const int status = (*reply)->head().status;
  deployment.metrics.attempts[static_cast<std::size_t>(status < 400 ? Outcome::ok : Outcome::upstream_error)]->add();
  if (status >= 400) {
    const ProviderError error = co_await read_error(*target, **reply);
    record.outcome =
        remedy_for_status(status, error.body) == Remedy::none ? Outcome::client_error : Outcome::upstream_error;
    record.error = ErrorCode::upstream_error;
    const auto sent = co_await send_error(context, error);
    co_return sent;
  }
  ResponseHead head = client_head(**reply, *target);
  const auto relayed = co_await relay_body(context, **reply, std::move(head));
  co_return relayed;
}

}  // namespace triage
