#include "pipeline/attempt/attempts.hpp"

#include "base/log.hpp"
#include "openai/error_body.hpp"
#include "pipeline/capability.hpp"
#include "pipeline/pointer_set.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>

#include <random>

namespace triage {
namespace {

using std::chrono::milliseconds;
using Clock = Trail::Clock;

constexpr milliseconds head_within{100};  // how long a stream's head waits for its first event

double jitter() {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

// False: the client left meanwhile.
Async<bool> pause(Cancellation& gone, milliseconds length) {
  using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;
  if (length <= milliseconds(0)) co_return !gone.fired();
  Timer timer(co_await asio::this_coro::executor, length);
  const CancellationHook when_gone(gone, [&timer] { timer.cancel(); });
  co_await timer.async_wait(as_result);
  co_return !gone.fired();
}

// The client may come back when the first of the deployments has rested.
void ask_to_wait(ErrorReply& reply, milliseconds left) {
  const std::int64_t seconds = std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(left).count());
  std::erase_if(reply.fields, [](const auto& field) {
    return iequals(field.first, "retry-after") || iequals(field.first, "retry-after-ms");
  });
  reply.fields.emplace_back("retry-after", std::to_string(seconds));
}

// Whether others were asked for the answer before.
bool has_answer_row(const Trail& trail) {
  for (std::size_t row = 0; row < trail.size(); ++row)
    if (trail[row].record.purpose == Purpose::answer) return true;
  return false;
}

}  // namespace

Attempts::Attempts(const Scope& scope, Trail& trail, const std::vector<Target>& targets, AttemptPath& path,
                   AttemptCause first)
    : scope_(scope),
      trail_(trail),
      targets_(targets),
      path_(path),
      cause_(first == AttemptCause::first && has_answer_row(trail) ? AttemptCause::fallback : first),
      failover_(targets.size(), scope.policy.spec->retry, [this](std::size_t i) { return look_at(targets_[i]); }) {}

Failover::Candidate candidate_of(const LiveDeployment& deployment) {
  Failover::Candidate seen;
  seen.context_window = deployment.spec->context_window.value_or(0);
  const auto now = Clock::now();
  deployment.breaker->with([&](const Breaker& breaker) {
    seen.admitted = breaker.admits(now);
    seen.admitted_at = breaker.admits_at();
    seen.rests = breaker.rests(now);
  });
  seen.aside = !deployment.origin->with([now](const Breaker& breaker) { return breaker.admits(now); });
  return seen;
}

Failover::Candidate Attempts::look_at(const Target& target) const {
  const LiveDeployment& deployment = *target.deployment;
  Failover::Candidate seen = candidate_of(deployment);
  seen.able = !takes_ || takes_(target);
  seen.aside = seen.aside || std::ranges::find(silent_origins_, deployment.origin) != silent_origins_.end();
  if (too_long_) seen.fits = holds_surely(*deployment.spec, needs_of(scope_.request, scope_.view, 0));
  return seen;
}

// How many may be asked until one answers: this one, and each tier at each other host that was not asked yet.
std::size_t Attempts::shares(const Target& target) const {
  const auto group_of = [](const Target& each) { return PointerSet::Entry{each.deployment->origin, each.tier.data()}; };
  const PointerSet::Entry own = group_of(target);
  std::size_t count = scope_.others_follow ? 2 : 1;
  std::optional<PointerSet> counted;
  PointerSet::Entry last = own;
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    const PointerSet::Entry group = group_of(targets_[i]);
    if (group == last || group == own || failover_.tried(i)) continue;
    last = group;
    if (!counted) counted.emplace(targets_.size());
    if (counted->insert(group)) ++count;
  }
  return count;
}

CallTimeouts Attempts::timeouts(const Target& target, bool streamed) const {
  // What a client in a hurry has left may be just enough for one.
  const std::size_t sharing = scope_.client.hurried ? 1 : shares(target);
  return timeouts_within(scope_.policy.spec->timeouts, scope_.time_left(), streamed, sharing);
}

Async<AttemptResult> Attempts::next(MaybeFailure failed) {
  Failover::Step step;
  if (!std::exchange(started_, true)) {
    scope_.policy.budget->request(Clock::now());
    if (scope_.policy.hedge_budget != nullptr) scope_.policy.hedge_budget->request(Clock::now());
    const auto first = failover_.first();
    if (!first) co_return AttemptResult{nullptr, all_rest(failover_, targets_.front())};
    step = *first;
  }
  for (AttemptCause cause = cause_;;) {
    if (failed) {
      const auto after = co_await step_after(*failed);
      if (!after) {
        auto left = failover_.rest_left();
        if (!left && !failed->asked) left = failed->retry_after;
        if (left && failed->reply) ask_to_wait(*failed->reply, *left);
        co_return AttemptResult{nullptr, std::move(failed)};
      }
      step = *after;
      cause = step.retry ? AttemptCause::retry : AttemptCause::fallback;
    }
    auto attempt = co_await open(step, cause);
    if (!attempt->failure()) co_await begin(*attempt);
    failed = std::move(attempt->failure());
    if (!failed) {
      keep_learned();
      co_return AttemptResult{std::move(attempt), std::nullopt};
    }
    if (!leave_out(*failed)) continue;
    failed.reset();
    step = Failover::Step{failover_.current()};
    cause = AttemptCause::retry;
  }
}

// A refused key does not make the client's request fail while the provider has another. Nor does a refused addition
// make the client's request fail. True: the same deployment is to be called without it. The refusal is remembered,
// unless the call without it is refused as well.
bool Attempts::leave_out(const Failure& failed) {
  if (failed.other_key && scope_.time_left() > milliseconds(0)) return true;
  const LiveDeployment& deployment = *targets_[failover_.current()].deployment;
  if (failed.no_form) return leave_form(deployment);
  const Additions refused = failed.refused & ~deployment.without();
  deployment.refused->fetch_or(refused);
  learned_ |= refused;
  if (refused != 0) return true;
  if (learned_ != 0 && failed.remedy == Remedy::none) deployment.refused->fetch_and(~learned_);
  learned_ = 0;
  return false;
}

// True: its provider is to be asked for a chat completion instead, which is remembered.
bool Attempts::leave_form(const LiveDeployment& deployment) {
  if (!deployment.no_responses->exchange(true))
    log::warn("provider '" + deployment.provider->name +
              "' has no Responses API: it is asked for chat completions from now on (providers." +
              deployment.provider->name + ".responses)");
  return !untranslatable(*deployment.spec, needs_of(scope_.request, scope_.view, std::nullopt, true));
}

void Attempts::keep_learned() {
  if (learned_ == 0) return;
  const Deployment& deployment = *targets_[failover_.current()].deployment->spec;
  log::warn("deployment '" + deployment.name + "' refuses " + names_of_additions(std::exchange(learned_, 0)) +
            ", which no client sent; it is called without from now on (deployments." + deployment.name + ".refuses)");
}

Failure all_rest(const Failover& failover, const Target& first) {
  const auto left = failover.rest_left();
  Failure out;
  out.remedy = Remedy::anywhere;
  ErrorReply& reply = out.reply.emplace();
  reply.status = 429;
  Error error{ErrorCode::upstream_error, "every deployment that could answer has asked not to be called for a while"};
  reply.body = error_body(error);
  if (!first.route.empty()) reply.fields.emplace_back("x-triage-route", first.route);
  ask_to_wait(reply, left.value_or(milliseconds(0)));
  return out;
}

// nullopt: nothing is left to try. Otherwise the step's pause is over.
Async<std::optional<Failover::Step>> Attempts::step_after(Failure& failed) {
  note_failure(failed);
  const auto take_retry = [this] { return scope_.policy.budget->take(Clock::now()); };
  const auto step = failover_.after(failed, scope_.time_left(), jitter(), take_retry);
  if (!step || scope_.time_left() <= milliseconds(0)) co_return std::nullopt;
  if (!takes_) (step->retry ? scope_.policy.metrics.retries : scope_.policy.metrics.fallbacks)->add();
  const bool still_there = co_await pause(scope_.client.gone, step->pause);
  if (still_there) co_return step;
  failed = failure_of(given_up(scope_.client.gone, "the client left between two attempts"));
  co_return std::nullopt;
}

// What the choice of the next candidate depends on.
void Attempts::note_failure(const Failure& failed) {
  too_long_ = failed.remedy == Remedy::larger_window;
  if (failed.no_head) silent_origins_.push_back(targets_[failover_.current()].deployment->origin);
}

Async<AttemptResult> Attempts::resume(Failure cut, const AttemptCall& call, std::function<bool(const Target&)> takes) {
  takes_ = std::move(takes);
  cut.elsewhere = true;  // whatever cut the stream off there may do so again
  const auto step = co_await step_after(cut);
  if (!step) co_return AttemptResult{nullptr, std::move(cut)};
  AttemptCall again = call;
  again.target = targets_[step->candidate];
  again.cause = AttemptCause::rescue;
  last_ = true;
  for (;;) {
    auto attempt = std::make_unique<Attempt>(scope_, trail_, again);
    path_.waiting(again.target, true, scope_.snapshot.spec.limits.silence);
    {
      const CancellationHook when_gone(scope_.client.gone, [&attempt] { attempt->cancel(); });
      co_await attempt->open(timeouts(again.target, again.request.stream), false);
    }
    if (!attempt->failure()) co_await begin(*attempt);
    auto failed = std::move(attempt->failure());
    if (failed && leave_out(*failed)) continue;
    if (failed) co_return AttemptResult{nullptr, std::move(failed)};
    keep_learned();
    co_return AttemptResult{std::move(attempt), std::nullopt};
  }
}

Async<void> Attempts::begin(Attempt& attempt) {
  if (path_.call(attempt.target()).request.stream) path_.waiting(attempt.target(), last_, head_within);
  const CancellationHook when_gone(scope_.client.gone, [&attempt] { attempt.cancel(); });
  co_await attempt.begin();
}

std::unique_ptr<Attempt> Attempts::attempt_at(std::size_t candidate, AttemptCause cause) {
  AttemptCall call = path_.call(targets_[candidate]);
  call.target = targets_[candidate];
  call.cause = cause;
  auto attempt = std::make_unique<Attempt>(scope_, trail_, call);
  path_.asked(attempt->row());
  const bool last = cause != AttemptCause::hedge && last_;
  if (call.request.stream) path_.waiting(attempt->target(), last, scope_.snapshot.spec.limits.silence);
  return attempt;
}

Async<std::unique_ptr<Attempt>> Attempts::open(const Failover::Step& step, AttemptCause cause) {
  const Target& target = targets_[step.candidate];
  const bool another = failover_.may_change_candidate();
  const auto after = another ? hedge_after(target) : std::nullopt;
  last_ = !another;
  auto attempt = attempt_at(step.candidate, cause);
  if (after) {
    auto opened = co_await open_hedged(std::move(attempt), *after);
    co_return opened;
  }
  const CancellationHook when_gone(scope_.client.gone, [&attempt] { attempt->cancel(); });
  co_await attempt->open(timeouts(target, attempt->asks_for_stream()), false);
  co_return attempt;
}

std::optional<milliseconds> Attempts::hedge_after(const Target& target) {
  if (!scope_.policy.spec->hedge) return std::nullopt;
  const HedgeSpec& spec = *scope_.policy.spec->hedge;
  const bool streamed = path_.call(target).request.stream;
  const auto usual = target.deployment->first_byte_times->quantile(streamed, spec.quantile);
  if (!usual) return spec.after;
  return std::max(spec.delay_min, std::chrono::ceil<milliseconds>(*usual));
}

void Attempts::start(Racer& racer, Event& changed) {
  const auto done = [&racer, &changed](std::exception_ptr broken) {
    racer.broken = std::move(broken);
    racer.done = true;
    changed.notify();
  };
  const CallTimeouts limits = timeouts(racer.attempt->target(), racer.attempt->asks_for_stream());
  asio::co_spawn(scope_.services.executor, racer.attempt->open(limits, true), done);
}

// When this returns, both attempts have finished opening, so that nothing still refers to them.
Async<std::unique_ptr<Attempt>> Attempts::open_hedged(std::unique_ptr<Attempt> first, milliseconds after) {
  Event changed;
  Racer one{std::move(first), nullptr};
  Racer two;
  bool late = false;
  const CancellationHook when_gone(scope_.client.gone, [&one, &two] {
    one.attempt->cancel();
    if (two.attempt) two.attempt->cancel();
  });
  Deadline alarm(scope_.services.deadlines, [&late, &changed] {
    late = true;
    changed.notify();
  });
  start(one, changed);
  alarm.set_in(after);
  while (!one.done && !late) co_await changed.wait();
  alarm.clear();
  std::optional<std::size_t> second;
  if (!one.done && scope_.policy.hedge_budget->take(Clock::now())) second = failover_.hedge();
  if (second) {
    two.attempt = attempt_at(*second, AttemptCause::hedge);
    start(two, changed);
    while (!one.begun() && !two.begun() && !(one.done && two.done)) co_await changed.wait();
    (one.begun() ? two : one).attempt->cancel();
    while (!one.done || !two.done) co_await changed.wait();
  }
  while (!one.done) co_await changed.wait();
  if (one.broken) std::rethrow_exception(one.broken);
  if (two.broken) std::rethrow_exception(two.broken);
  const bool second_wins = second && !one.begun();
  if (second) (second_wins ? scope_.policy.metrics.hedges_won : scope_.policy.metrics.hedges_lost)->add();
  if (second_wins) failover_.settle_on(*second);
  co_return std::move((second_wins ? two : one).attempt);
}

}  // namespace triage
