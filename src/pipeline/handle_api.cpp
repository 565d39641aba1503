#include "base/log.hpp"
#include "pipeline/steps.hpp"
#include "wire/request_body.hpp"

namespace triage {
namespace {

CallTimeouts timeouts_of(const Target& target) {
  CallTimeouts out;
  if (target.route == nullptr) return out;
  const TimeoutsSpec& spec = target.route->spec->timeouts;
  out.connect = spec.connect;
  out.first_byte = spec.first_byte;
  out.idle = spec.idle;
  out.total = spec.total;
  return out;
}

bool is_event_stream(const ResponseHead& head) {
  const auto type = find_field(head.fields, "content-type");
  constexpr std::string_view wanted = "text/event-stream";
  return type && type->size() >= wanted.size() && iequals(type->substr(0, wanted.size()), wanted);
}

// What the client is told when a stream stays silent before the provider has answered at all.
void begin_keep_alive(Context& context, std::vector<Field> fields) {
  ResponseHead head;
  head.fields = std::move(fields);
  head.fields.push_back({"content-type", "text/event-stream; charset=utf-8"});
  head.fields.push_back({"cache-control", "no-cache"});
  context.exchange.keep_alive(std::move(head), context.snapshot.spec.limits.silence);
}

}  // namespace

Async<Result<void>> handle_api(Context& context, Api api) {
  Exchange& exchange = context.exchange;
  RequestRecord& record = context.record;

  const auto body = co_await exchange.read_body();
  if (!body) co_return body.error();
  record.body_read = RequestRecord::Clock::now();
  const auto request = parse_request_body(api, *body, context.snapshot.spec.limits.body_depth);
  if (!request) {
    const Error error = request.error();
    if (error.code == ErrorCode::json_too_deep) context.snapshot.body_depth_hits->add();
    co_return error;
  }
  const auto target = resolve(context.snapshot, context.key, exchange.head().path, *request, context.ticket);
  if (!target) co_return target.error();
  record.route = target->route != nullptr ? &target->route->metrics : &context.snapshot.direct;

  const LiveDeployment& deployment = *target->deployment;
  const EncodedCall encoded =
      deployment.dialect->encode(*request, exchange.head(), *deployment.spec, *deployment.provider);
  record.deployment = &deployment;
  record.attempts = 1;
  if (request->stream) {
    std::vector<Field> fields;
    add_triage_fields(fields, *target);
    begin_keep_alive(context, std::move(fields));
  }

  Cancellation attempt;
  const CancellationHook when_gone(exchange.gone(), [&attempt] { attempt.fire(); });
  record.sent = RequestRecord::Clock::now();
  const auto reply = co_await context.upstream.send(*deployment.provider, encoded.call, timeouts_of(*target), attempt);
  if (!reply) co_return reply.error();
  record.answered = RequestRecord::Clock::now();

  const ResponseHead& head = (*reply)->head();
  if (head.status >= 300) co_return co_await relay_error(context, *target, **reply);
  if (request->stream && is_event_stream(head))
    co_return co_await relay_stream(context, *target, *request, **reply, attempt);
  co_return co_await relay_whole(context, *target, **reply);
}

}  // namespace triage
