// A call that the gateway does not read: the client's body goes up as it arrives, the provider's comes down as it
// arrives. If a provider's body is cut off, the client's connection is cut too, so that the body cannot be taken for
// complete. The cost of such a call is unknown, unless it only reads.
#include "pipeline/answer/client_head.hpp"
#include "pipeline/assign.hpp"
#include "pipeline/attempt/decoded_reply.hpp"
#include "pipeline/resolve.hpp"
#include "pipeline/steps.hpp"

namespace triage {
namespace {

bool only_looks(const RequestHead& head) noexcept {
  return head.method == "GET" || head.method == "HEAD";
}

// The row of the call, which ends however the call ends.
class PassedCall {
 public:
  PassedCall(RequestRun& run, const Target& target)
      : run_(run), row_(run.outcome.trail[run.outcome.trail.begin(target, AttemptCause::first, Purpose::answer)]) {}
  PassedCall(const PassedCall&) = delete;
  PassedCall& operator=(const PassedCall&) = delete;
  ~PassedCall() {
    if (!ended_) end(Outcome::cancelled, AttemptEnd::cancelled);
  }

  void end(Outcome outcome, AttemptEnd how) {
    ended_ = true;
    AttemptRecord& record = row_.record;
    row_.target.deployment->metrics.attempts[static_cast<std::size_t>(outcome)]->add();
    record.end = how;
    record.latency_ms = elapsed_ms(row_.began, Trail::Clock::now());
    record.cost_nano_usd = 0;
    if (outcome == Outcome::ok && !only_looks(run_.exchange.head())) record.cost_nano_usd.reset();
  }

  [[nodiscard]] TrailRow& row() noexcept { return row_; }

 private:
  RequestRun& run_;
  TrailRow& row_;
  bool ended_ = false;
};

Async<Result<void>> relay_body(RequestRun& run, PassedCall& call, Reply& reply, ResponseHead head) {
  Exchange& exchange = run.exchange;
  auto piece = co_await reply.next();
  if (!piece) {
    call.end(outcome_of(piece.error().code), AttemptEnd::truncated);
    co_return piece.error();
  }
  run.outcome.answer_begins(call.row().answered);
  const int status = head.status;
  const auto length = reply.content_length();
  if (piece->empty() || length == piece->size()) {
    call.end(Outcome::ok, AttemptEnd::completed);
    co_await run.outcome.end_plain(status);
    const auto sent = co_await exchange.respond(std::move(head), *piece);
    if (sent && !piece->empty()) co_await reply.next();
    co_return sent;
  }
  auto sent = co_await exchange.begin(std::move(head), length, *piece);
  while (sent) {
    piece = co_await reply.next();
    if (!piece) {
      exchange.abort();
      const Failure failure = failure_of(piece.error());
      call.end(outcome_of(failure.code()), AttemptEnd::truncated);
      co_await run.outcome.end_failed(failure, status);
      co_return Result<void>();
    }
    if (piece->empty()) {
      call.end(Outcome::ok, AttemptEnd::completed);
      co_await run.outcome.end_plain(status);
      const auto finished = co_await exchange.finish();
      co_return finished;
    }
    sent = co_await exchange.write(*piece);
  }
  co_return sent;
}

}  // namespace

Async<std::optional<Failure>> pass_through(RequestRun& run) {
  RequestFacts& facts = run.outcome.facts;
  const RequestHead& client = run.exchange.head();
  const auto resolution = resolve_path(run.snapshot, facts.key, client);
  if (!resolution) co_return failure_of(resolution.error());
  const Policy& policy = assign(*resolution->route, facts.id);
  const ApiRequest unread;
  const RoutingInput input(unread, client, facts.key);
  auto decision = decide(policy.chain, input);
  const auto planned = plan(run.snapshot, policy, decision, Needs(), std::nullopt, run.ticket);
  if (!planned) co_return failure_of(planned.error());
  const Target& target = planned->targets.front();
  facts.policy = &policy;
  facts.decision = std::move(decision);
  const LiveDeployment& deployment = *target.deployment;
  EncodedCall encoded = deployment.dialect->pass_through(client, *deployment.provider);
  encoded.call.replayable = only_looks(client);
  if (client.has_body()) encoded.call.body_source = &run.exchange;
  facts.body_read = Trail::Clock::now();

  Cancellation attempt;
  const CancellationHook when_gone(run.exchange.gone(), [&] { attempt.fire(run.exchange.gone().reason()); });
  PassedCall call(run, target);
  const TimeoutsSpec& spec = policy.spec->timeouts;
  const CallTimeouts timeouts = timeouts_within(spec, spec.total);
  auto reply = co_await run.services.upstream.send(*deployment.provider, encoded.call, timeouts, attempt);
  if (!reply) {
    const ErrorCode code = reply.error().code;
    call.end(outcome_of(code), code == ErrorCode::client_gone ? AttemptEnd::cancelled : AttemptEnd::failed);
    co_return failure_of(reply.error());
  }
  call.row().answered = Trail::Clock::now();
  const int status = (*reply)->head().status;
  call.row().record.status = status;
  if (status >= 400) {
    const auto readable = decoded(std::move(*reply));
    Failure failure = co_await read_failure(target, *readable);
    call.end(failure.remedy == Remedy::none ? Outcome::client_error : Outcome::upstream_error, AttemptEnd::failed);
    co_return failure;
  }
  ResponseHead head = client_head(**reply, target);
  const auto relayed = co_await relay_body(run, call, **reply, std::move(head));
  if (!relayed) co_return failure_of(relayed.error());
  co_return std::nullopt;
}

}  // namespace triage
