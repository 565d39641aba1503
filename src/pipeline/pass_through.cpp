// Calls of APIs that the gateway does not parse. It reads the model in the body, where it can (passed_body.hpp), and
// the usage in the answer; everything else passes byte for byte, both ways. If a provider's body is cut off, the
// client's connection is cut too, so that the body cannot be taken for complete.
//
// After a failure another deployment is called if that does no harm: after any failure of a GET or HEAD, or of a call
// whose path is known to ask a model and to do nothing else (passage.hpp), with its body in memory. Any other call may
// have had its effect. It is repeated only if the provider could not be reached.
#include "answer/usage.hpp"
#include "openai/answer_usage.hpp"
#include "pipeline/answer/client_head.hpp"
#include "pipeline/assign.hpp"
#include "pipeline/attempt/attempts.hpp"
#include "pipeline/attempt/decoded_reply.hpp"
#include "pipeline/outcome/request_log.hpp"
#include "pipeline/passage.hpp"
#include "pipeline/passed_body.hpp"
#include "pipeline/steps.hpp"
#include "triage/price.hpp"

#include <algorithm>
#include <charconv>

namespace triage {
namespace {

using Clock = Trail::Clock;
using std::chrono::milliseconds;

bool only_looks(const RequestHead& head) noexcept {
  return head.method == "GET" || head.method == "HEAD";
}

// The path whose answers cost what the model's tokens do.
constexpr std::string_view billed_by_tokens = "/v1/responses/compact";

bool never_reached(ErrorCode code) noexcept {
  return code == ErrorCode::upstream_unreachable || code == ErrorCode::upstream_connect_timeout;
}

// So that the usage of the answer can be read.
void ask_uncompressed(HttpCall& call, const Provider& provider) {
  constexpr std::string_view name = "accept-encoding";
  if (std::ranges::any_of(provider.headers, [&](const auto& header) { return iequals(header.first, name); })) return;
  std::erase_if(call.fields, [&](const Field& field) { return iequals(field.name, name); });
  call.fields.push_back({"Accept-Encoding", "identity"});
}

// Puts `model` in place of the one that the client's path names.
void name_model(std::string_view path, std::string_view model, std::string& target) {
  const auto named = model_path(path);
  if (!named) return;
  const std::string before = "models/" + std::string(named->model) + ":";
  const std::size_t at = target.find(before);
  if (at == std::string::npos) return;
  const std::string_view name = model.substr(model.rfind('/') + 1);  // models/X, google/X
  target.replace(at, before.size(), "models/" + std::string(name) + ":");
}

// What a head says of a body, which an answer to HEAD does not have.
std::optional<std::uint64_t> declared_length(const ResponseHead& head) noexcept {
  const auto field = find_field(head.fields, "content-length");
  std::uint64_t length = 0;
  if (!field || std::from_chars(field->data(), field->data() + field->size(), length).ec != std::errc()) return {};
  return length;
}

// One call to one deployment, and its row of the trail, which ends however the call ends.
class PassedAttempt {
 public:
  /// `known`: the model that is asked for is the deployment's.
  PassedAttempt(RequestRun& run, const Target& target, AttemptCause cause, bool known)
      : run_(run),
        known_(known),
        row_number_(run.outcome.trail.begin(target, cause, Purpose::answer)),
        row_(run.outcome.trail[row_number_]),
        when_gone_(run.exchange.gone(), [this] { cancellation_.fire(run_.exchange.gone().reason()); }) {
    for (GuardedBreaker* const each : {row_.target.deployment->breaker, row_.target.deployment->origin})
      each->with([this](Breaker& breaker) { breaker.began(row_.began); });
    if (known_) return;
    row_.target.own_model = false;
    row_.target.tier = row_.target.router = {};
    row_.record.deployment = row_.record.tier = {};
    row_.record.model = run.outcome.facts.model;
  }
  PassedAttempt(const PassedAttempt&) = delete;
  PassedAttempt& operator=(const PassedAttempt&) = delete;
  ~PassedAttempt() {
    if (!ended_) end(Outcome::cancelled, AttemptEnd::cancelled, true);
  }

  /// Sends the call and waits for the first bytes of the answer's body. Returns why there are none.
  Async<MaybeFailure> open(const PassedBody& body, const CallTimeouts& timeouts) {
    const LiveDeployment& deployment = *row_.target.deployment;
    encoded_ = deployment.dialect->pass_through(run_.exchange.head(), *deployment.provider);
    continue_trace(encoded_, run_.outcome.facts.trace, run_.outcome.facts.id, row_number_ + 1);
    HttpCall& call = encoded_.call;
    if (known_) name_model(run_.exchange.head().path, deployment.spec->model, call.target);
    if (body.held) {
      call.body = with_model(body, known_ ? deployment.spec->model : body.named.model, quoted_model_);
      call.body_length.reset();
    } else if (run_.exchange.head().has_body()) {
      call.body_source = &run_.exchange;
    }
    const bool asks = body.held && asks_a_model(run_.exchange.head().path);
    if (asks) ask_uncompressed(call, *deployment.provider);
    call.replayable = only_looks(run_.exchange.head()) || asks;
    auto sent = co_await run_.services.upstream.send(*deployment.provider, call, timeouts, cancellation_);
    if (!sent) co_return failed(failure_of(sent.error()), AttemptEnd::failed);
    reply_ = std::move(*sent);
    row_.answered = Clock::now();
    row_.record.status = reply_->head().status;
    if (row_.record.status >= 400) {
      reply_ = decoded(std::move(reply_));
      Failure failure = co_await read_failure(row_.target, *reply_, 0,
                                              row_.target.own_model && asks ? AskedModel::own : AskedModel::foreign);
      co_return failed(std::move(failure), AttemptEnd::failed);
    }
    const auto first = co_await reply_->next();
    if (!first) co_return failed(failure_of(first.error()), AttemptEnd::truncated);
    row_.answered = Clock::now();  // the wait for the body is the provider's time
    first_ = *first;
    co_return std::nullopt;
  }

  /// Passes the answer on to the client, which has not been told of an error that is returned.
  Async<Result<void>> relay() {
    Exchange& exchange = run_.exchange;
    ResponseHead head = client_head(*reply_, row_.target);
    add_experiment_fields(head.fields, run_.outcome.facts.assigned);
    read_along();
    run_.outcome.answer_begins(row_.answered);
    const int status = head.status;
    const auto length = reply_->content_length();
    usage_->feed(first_);
    if (first_.empty() || length == first_.size()) {
      completed();
      co_await run_.outcome.end_plain(status);
      if (exchange.head().method == "HEAD") {  // it has the length that the answer to a GET would have (RFC 9110, 8.6)
        auto begun = co_await exchange.begin(std::move(head), declared_length(reply_->head()), "");
        if (begun) begun = co_await exchange.finish();
        co_return begun;
      }
      const auto sent = co_await exchange.respond(std::move(head), first_);
      if (sent && !first_.empty()) co_await reply_->next();
      co_return sent;
    }
    auto sent = co_await exchange.begin(std::move(head), length, first_);
    while (sent) {
      const auto piece = co_await reply_->next();
      if (!piece) {
        exchange.abort();
        const Failure failure = *failed(failure_of(piece.error()), AttemptEnd::truncated);
        co_await run_.outcome.end_failed(failure, status);
        co_return Result<void>();
      }
      if (piece->empty()) {
        completed();
        co_await run_.outcome.end_plain(status);
        const auto finished = co_await exchange.finish();
        co_return finished;
      }
      usage_->feed(*piece);
      sent = co_await exchange.write(*piece);
    }
    co_return sent;
  }

 private:
  void read_along() {
    const auto& fields = reply_->head().fields;
    const auto form = AnswerUsage::form_of(find_field(fields, "content-type").value_or(""),
                                           find_field(fields, "content-encoding").has_value());
    run_.outcome.facts.streamed = form == AnswerUsage::Form::events;
    usage_.emplace(only_looks(run_.exchange.head()) ? AnswerUsage::Form::none : form,
                   run_.snapshot.spec.limits.event.bytes);
  }

  MaybeFailure failed(Failure failure, AttemptEnd how) {
    const ErrorCode code = failure.code();
    const bool gone = code == ErrorCode::client_gone || code == ErrorCode::shutting_down;
    row_.record.error = traits(code).name;
    const Outcome outcome = !failure.reply                   ? outcome_of(code)
                            : failure.remedy == Remedy::none ? Outcome::client_error
                                                             : Outcome::upstream_error;
    failure.no_head = row_.record.status == 0 && outcome == Outcome::upstream_error;
    call_end_.retry_after = failure.retry_after;
    call_end_.asked = failure.asked;
    call_end_.no_head = failure.no_head;
    end(outcome, gone ? AttemptEnd::cancelled : how,
        !failure.reply && !never_reached(code) && code != ErrorCode::upstream_tls_failed);
    if (!gone)
      log_failed_attempt(run_.snapshot, run_.outcome.facts.id, run_.outcome.trail, row_number_,
                         failure.reply ? "status " + std::to_string(failure.reply->status) : failure.error.message);
    return failure;
  }

  void completed() {
    usage_->end();
    if (usage_->too_large()) run_.snapshot.event_hits->add();
    row_.record.ttft_ms = elapsed_ms(row_.began, row_.answered);
    end(Outcome::ok, AttemptEnd::completed, true);
  }

  // `billed`: the call may have cost something.
  void end(Outcome outcome, AttemptEnd how, bool billed) {
    ended_ = true;
    AttemptRecord& record = row_.record;
    const LiveDeployment& deployment = *row_.target.deployment;
    deployment.metrics.attempts[static_cast<std::size_t>(outcome)]->add();
    tell_breaker(outcome);
    record.end = how;
    record.latency_ms = elapsed_ms(row_.began, Clock::now());
    record.cost_nano_usd = 0;
    if (!billed || only_looks(run_.exchange.head()) || counts_tokens(run_.exchange.head().path)) return;
    record.cost_nano_usd.reset();
    if (how == AttemptEnd::completed && usage_->usage()) take_usage(*usage_->usage());
    if (known_ && record.cost_nano_usd) deployment.metrics.cost_nano_usd->add(*record.cost_nano_usd);
    if (!record.cost_nano_usd) (known_ ? deployment.metrics.unknown_prices : run_.snapshot.unknown_prices)->add();
  }

  void take_usage(const UsageReport& reported) {
    AttemptRecord& record = row_.record;
    const LiveDeployment& deployment = *row_.target.deployment;
    Extras& extras = row_.extras;
    record.tokens = settled(reported);
    record.usage_source = UsageSource::reported;
    record.provider_cost_nano_usd = reported.cost_nano_usd;
    record.service_tier = usage_->service_tier();
    extras.service_tier = record.service_tier;
    extras.searches = std::max(reported.searches, usage_->searches());
    extras.unpriced = reported.unpriced + usage_->billed_tools();
    if (extras.searches > 0) record.searches = extras.searches;
    if (known_) deployment.metrics.count(record.tokens);
    if (known_ && run_.exchange.head().path == billed_by_tokens)
      record.cost_nano_usd = cost_nano_usd(deployment.spec->price, record.tokens, extras);
    if (record.cost_nano_usd || !record.provider_cost_nano_usd) return;
    record.cost_nano_usd = record.provider_cost_nano_usd;
    record.cost_source = "provider";
  }

  // If the deployment's model is not asked, an error says nothing about the deployment, unless the provider is down.
  void tell_breaker(Outcome outcome) {
    const int status = row_.record.status;
    const bool down = status == 0 || status < 400 || (status >= 502 && status <= 504);
    call_end_.outcome = known_ || down ? outcome : Outcome::cancelled;
    call_end_.head = status != 0;
    if (!known_) call_end_.retry_after.reset();
    report(*row_.target.deployment, call_end_);
  }

  RequestRun& run_;
  const bool known_;
  const std::size_t row_number_;
  TrailRow& row_;
  Cancellation cancellation_;
  const CancellationHook when_gone_;
  EncodedCall encoded_;
  std::string quoted_model_;
  std::unique_ptr<Reply> reply_;
  std::string_view first_;  // of the answer's body
  std::optional<AnswerUsage> usage_;
  CallEnd call_end_;
  bool ended_ = false;
};

// Whether another deployment may be called after that failure.
bool may_repeat(const RequestHead& head, const PassedBody& body, const Failure& failure) noexcept {
  if (!failure.reply && never_reached(failure.code())) return true;
  if (head.has_body() && !body.held) return false;
  return only_looks(head) || asks_a_model(head.path) ||
         (!failure.reply && failure.code() == ErrorCode::upstream_tls_failed);
}

Async<MaybeFailure> answer(RequestRun& run, const Policy& policy, const PassedBody& body,
                           const PassageTargets& chosen) {
  const std::vector<Target>& targets = chosen.targets;
  RetrySpec retry = policy.spec->retry;
  retry.attempts = 1;
  const RequestHead& head = run.exchange.head();
  Failover failover(targets.size(), retry, [&](std::size_t i) {
    Failover::Candidate seen = candidate_of(*targets[i].deployment);
    if (!chosen.known) seen.rests = milliseconds(0);  // only the deployment's own model rests
    return seen;
  });
  std::size_t shares = only_looks(head) || (body.held && asks_a_model(head.path)) ? targets.size() : 1;
  const auto deadline = run.outcome.facts.body_read + policy.spec->timeouts.total;
  const auto time_left = [&] { return std::chrono::duration_cast<milliseconds>(deadline - Clock::now()); };
  const auto first = failover.first();
  if (!first) co_return all_rest(failover, targets.front());
  Failover::Step step = *first;
  for (AttemptCause cause = AttemptCause::first;; cause = AttemptCause::fallback) {
    PassedAttempt attempt(run, targets[step.candidate], cause, chosen.known);
    const CallTimeouts timeouts = timeouts_within(policy.spec->timeouts, time_left(), body.named.stream, shares);
    auto failed = co_await attempt.open(body, timeouts);
    if (!failed) {
      const auto relayed = co_await attempt.relay();
      if (relayed) co_return std::nullopt;
      co_return failure_of(relayed.error());
    }
    if (time_left() <= milliseconds(0) || !may_repeat(head, body, *failed)) co_return failed;
    const auto next = failover.after(*failed, time_left(), 0, [] { return false; });
    if (!next) co_return failed;
    policy.metrics.fallbacks->add();
    step = *next;
    if (shares > 1) --shares;
  }
}

}  // namespace

Async<MaybeFailure> pass_through(RequestRun& run) {
  RequestFacts& facts = run.outcome.facts;
  const RequestHead& client = run.exchange.head();
  const auto taken = resolve_passage(run.snapshot, facts.key, client, "");
  if (!taken && taken.error().code == ErrorCode::not_found) co_return failure_of(taken.error());
  const auto body = co_await read_passed_body(run, model_matters(run.snapshot, facts.key, client));
  if (!body) co_return failure_of(body.error());
  facts.body_read = Clock::now();
  facts.model = body->named.model;
  const auto passage = resolve_passage(run.snapshot, facts.key, client, facts.model);
  if (!passage) co_return failure_of(passage.error());
  ApiRequest unread;
  unread.model = facts.model;
  const RoutingInput input(unread, client, facts.key);
  facts.assigned = assign_passage(*passage, input, facts.id);
  const Policy& policy = *facts.assigned.policy;
  facts.policy = &policy;
  facts.decision = decide(policy.chain, input);
  auto planned = plan(run.snapshot, policy, facts.decision, Needs(), std::nullopt, run.ticket);
  if (!planned) co_return failure_of(planned.error());
  const auto chosen = passage_targets(*passage, policy, facts.key, facts.model, std::move(planned->targets));
  if (!chosen) co_return failure_of(chosen.error());
  co_return co_await answer(run, policy, *body, *chosen);
}

Async<MaybeFailure> pass_to(RequestRun& run, const Policy& policy, std::string_view bytes,
                            std::vector<Target> targets) {
  PassedBody body;
  body.held = body.json = true;
  body.bytes = bytes;
  auto named = read_named_model(bytes, run.snapshot.spec.limits.body_depth);
  if (!named) co_return failure_of(named.error());
  body.named = std::move(*named);
  const PassageTargets chosen{std::move(targets), true};
  auto failed = co_await answer(run, policy, body, chosen);
  co_return failed;
}

}  // namespace triage
