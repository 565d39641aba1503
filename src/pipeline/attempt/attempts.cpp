#include "pipeline/attempt/attempts.hpp"

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
void ask_to_wait(ErrorReply& reply, Failover::Time until) {
  const auto left = std::chrono::ceil<std::chrono::seconds>(until - Clock::now());
  const std::int64_t seconds = std::max<std::int64_t>(1, left.count());
  std::erase_if(reply.fields, [](const auto& field) {
    return iequals(field.first, "retry-after") || iequals(field.first, "retry-after-ms");
  });
  reply.fields.emplace_back("retry-after", std::to_string(seconds));
}

}  // namespace

Attempts::Attempts(const Scope& scope, Trail& trail, const std::vector<Target>& targets, AttemptPath& path,
                   AttemptCause first)
    : scope_(scope),
      trail_(trail),
      targets_(targets),
      path_(path),
      cause_(first),
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
  return seen;
}

Failover::Candidate Attempts::look_at(const Target& target) const {
  Failover::Candidate seen = candidate_of(*target.deployment);
  seen.able = !takes_ || takes_(target);
  return seen;
}

CallTimeouts Attempts::timeouts() const {
  return timeouts_within(scope_.policy.spec->timeouts, scope_.time_left());
}

Async<AttemptResult> Attempts::next(std::optional<Failure> failed) {
  Failover::Step step;
  if (!std::exchange(started_, true)) {
    scope_.policy.budget->request(Clock::now());
    if (scope_.policy.hedge_budget != nullptr) scope_.policy.hedge_budget->request(Clock::now());
    step = failover_.first();
  }
  for (AttemptCause cause = cause_;;) {
    if (failed) {
      const auto after = co_await step_after(*failed);
      if (!after) {
        if (const auto until = failover_.rest_until(); until && failed->reply) ask_to_wait(*failed->reply, *until);
        co_return AttemptResult{nullptr, std::move(failed)};
      }
      step = *after;
      cause = step.retry ? AttemptCause::retry : AttemptCause::fallback;
    }
    auto attempt = co_await open(step, cause);
    if (!attempt->failure()) co_await begin(*attempt);
    failed = std::move(attempt->failure());
    if (!failed) co_return AttemptResult{std::move(attempt), std::nullopt};
  }
}

// nullopt: nothing is left to try. Otherwise the step's pause is over.
Async<std::optional<Failover::Step>> Attempts::step_after(Failure& failed) {
  const auto take_retry = [this] { return scope_.policy.budget->take(Clock::now()); };
  const auto step = failover_.after(failed, scope_.time_left(), jitter(), take_retry);
  if (!step || scope_.time_left() <= milliseconds(0)) co_return std::nullopt;
  if (!takes_) (step->retry ? scope_.policy.metrics.retries : scope_.policy.metrics.fallbacks)->add();
  const bool still_there = co_await pause(scope_.client.gone, step->pause);
  if (still_there) co_return step;
  failed = failure_of(given_up(scope_.client.gone, "the client left between two attempts"));
  co_return std::nullopt;
}

Async<AttemptResult> Attempts::resume(Failure cut, const AttemptCall& call, std::function<bool(const Target&)> takes) {
  takes_ = std::move(takes);
  cut.elsewhere = true;  // whatever cut the stream off there may do so again
  const auto step = co_await step_after(cut);
  if (!step) co_return AttemptResult{nullptr, std::move(cut)};
  AttemptCall again = call;
  again.target = targets_[step->candidate];
  again.cause = AttemptCause::rescue;
  auto attempt = std::make_unique<Attempt>(scope_, trail_, again);
  path_.waiting(again.target, true, scope_.snapshot.spec.limits.silence);
  last_ = true;
  {
    const CancellationHook when_gone(scope_.client.gone, [&attempt] { attempt->cancel(); });
    co_await attempt->open(timeouts(), false);
  }
  if (!attempt->failure()) co_await begin(*attempt);
  auto failed = std::move(attempt->failure());
  if (failed) co_return AttemptResult{nullptr, std::move(failed)};
  co_return AttemptResult{std::move(attempt), std::nullopt};
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
  co_await attempt->open(timeouts(), false);
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
  asio::co_spawn(scope_.services.executor, racer.attempt->open(timeouts(), true), done);
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
