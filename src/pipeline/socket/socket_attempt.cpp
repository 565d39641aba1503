#include "pipeline/socket/socket_attempt.hpp"

#include "pipeline/outcome/request_log.hpp"

#include <algorithm>

namespace triage {
namespace {

using Clock = Trail::Clock;

// What is between the client and the gateway only: the handshake's own fields, and where a page comes from.
bool stays(std::string_view name) noexcept {
  constexpr std::string_view prefix = "sec-websocket-";
  return iequals(name, "origin") || (name.size() >= prefix.size() && iequals(name.substr(0, prefix.size()), prefix));
}

// How a provider answers that has no WebSockets at that path.
bool has_none(int status) noexcept {
  return status == 404 || status == 405 || status == 426 || status == 501;
}

bool is_gone(ErrorCode code) noexcept {
  return code == ErrorCode::client_gone || code == ErrorCode::shutting_down;
}

}  // namespace

SocketAttempt::SocketAttempt(RequestRun& run, const Target& target, AttemptCause cause, bool known)
    : run_(run),
      known_(known),
      row_number_(run.outcome.trail.begin(target, cause, Purpose::answer)),
      row_(run.outcome.trail[row_number_]),
      meter_(known ? &target.deployment->spec->price : nullptr, run.snapshot.spec.limits.web_socket_message.bytes) {
  when_gone_.emplace(run.exchange.gone(), [this] { cancellation_.fire(run_.exchange.gone().reason()); });
  for (GuardedBreaker* const each : {row_.target.deployment->breaker, row_.target.deployment->origin})
    each->with([this](Breaker& breaker) { breaker.began(row_.began); });
  if (known_) return;
  row_.target.own_model = false;
  row_.target.tier = row_.target.router = {};
  row_.record.deployment = row_.record.tier = {};
  row_.record.model = run.outcome.facts.model;
}

SocketAttempt::~SocketAttempt() {
  if (ended_) return;
  const Error broken_off{ErrorCode::client_gone, ""};
  end(&broken_off);
}

Async<MaybeFailure> SocketAttempt::open(const SocketAsk& ask, const CallTimeouts& timeouts,
                                        const SocketLimits& limits) {
  const LiveDeployment& deployment = *row_.target.deployment;
  encoded_ = deployment.dialect->pass_through(ask.head, *deployment.provider);
  HttpCall& call = encoded_.call;
  std::erase_if(call.fields, [](const Field& field) { return stays(field.name); });
  continue_trace(encoded_, run_.outcome.facts.trace, run_.outcome.facts.id, row_number_ + 1);
  if (!ask.subprotocols.empty()) call.fields.push_back({"Sec-WebSocket-Protocol", ask.subprotocols});
  auto opened = co_await run_.services.upstream.open(*deployment.provider, call, timeouts, cancellation_, limits);
  if (!opened) co_return failed(failure_of(opened.error()));
  answer_ = std::move(*opened);
  row_.answered = Clock::now();
  row_.record.status = answer_.reply->head().status;
  if (answer_.socket == nullptr) {
    if (row_.record.status < 300) {
      Error odd{ErrorCode::upstream_bad_response, "provider '" + deployment.provider->name + "': it answered " +
                                                      std::to_string(row_.record.status) +
                                                      " to the request for a WebSocket, not 101"};
      co_return failed(failure_of(std::move(odd)));
    }
    Failure failure = co_await read_failure(row_.target, *answer_.reply);
    if (has_none(row_.record.status)) failure.remedy = Remedy::elsewhere;
    co_return failed(std::move(failure));
  }
  // A session is long: that the deployment answers is told now, and what the client does later ends no attempt early.
  when_gone_.reset();
  row_.record.ttft_ms = elapsed_ms(row_.began, row_.answered);
  tell_breaker(Outcome::ok);
  co_return std::nullopt;
}

MaybeFailure SocketAttempt::failed(Failure failure) {
  const ErrorCode code = failure.code();
  row_.record.error = traits(code).name;
  const Outcome outcome = !failure.reply                   ? outcome_of(code)
                          : failure.remedy == Remedy::none ? Outcome::client_error
                                                           : Outcome::upstream_error;
  failure.no_head = row_.record.status == 0 && outcome == Outcome::upstream_error;
  call_end_.retry_after = failure.retry_after;
  call_end_.asked = failure.asked;
  call_end_.no_head = failure.no_head;
  tell_breaker(outcome);
  ended_ = true;
  row_.target.deployment->metrics.attempts[static_cast<std::size_t>(outcome)]->add();
  row_.record.end = is_gone(code) ? AttemptEnd::cancelled : AttemptEnd::failed;
  row_.record.latency_ms = elapsed_ms(row_.began, Clock::now());
  row_.record.cost_nano_usd = 0;
  if (!is_gone(code))
    log_failed_attempt(run_.snapshot, run_.outcome.facts.id, run_.outcome.trail, row_number_,
                       failure.reply ? "status " + std::to_string(failure.reply->status) : failure.error.message);
  return failure;
}

// If the deployment's model is not asked, an error says nothing about the deployment, unless the provider is down.
void SocketAttempt::tell_breaker(Outcome outcome) {
  const int status = row_.record.status;
  const bool down = status == 0 || status < 400 || (status >= 502 && status <= 504);
  call_end_.outcome = known_ || down ? outcome : Outcome::cancelled;
  call_end_.head = status != 0;
  if (!known_) call_end_.retry_after.reset();
  report(*row_.target.deployment, call_end_);
}

void SocketAttempt::count_news() {
  const UsageMeter::News news = meter_.take_news();
  const DeploymentMetrics& metrics = row_.target.deployment->metrics;
  if (known_) metrics.count(news.tokens);
  if (known_) metrics.cost_nano_usd->add(news.cost_nano_usd);
  if (news.unknown) (known_ ? metrics.unknown_prices : run_.snapshot.unknown_prices)->add();
}

void SocketAttempt::end(const Error* failed) {
  if (std::exchange(ended_, true)) return;
  const ErrorCode code = failed != nullptr ? failed->code : ErrorCode::client_gone;
  const bool cancelled = failed != nullptr && (is_gone(code) || traits(code).source == ErrorSource::client);
  const Outcome outcome = failed == nullptr ? Outcome::ok : outcome_of(code);
  AttemptRecord& record = row_.record;
  if (failed != nullptr) record.error = traits(code).name;
  if (answer_.socket == nullptr) tell_breaker(Outcome::cancelled);
  row_.target.deployment->metrics.attempts[static_cast<std::size_t>(outcome)]->add();
  record.end = failed == nullptr ? AttemptEnd::completed : cancelled ? AttemptEnd::cancelled : AttemptEnd::truncated;
  record.latency_ms = elapsed_ms(row_.began, Clock::now());
  count_news();
  meter_.settle(record, row_.extras);
  if (meter_.busy()) (known_ ? row_.target.deployment->metrics.unknown_prices : run_.snapshot.unknown_prices)->add();
  if (failed != nullptr && !cancelled)
    log_failed_attempt(run_.snapshot, run_.outcome.facts.id, run_.outcome.trail, row_number_, failed->message);
}

}  // namespace triage
