// Attempts, as many as Failover says, until one has answered, the client has left, the answer has begun, or nothing is
// left to try.
#include "pipeline/attempt.hpp"

#include <boost/asio/basic_waitable_timer.hpp>

#include <charconv>
#include <random>

namespace triage {
namespace {

using std::chrono::milliseconds;
using Clock = RequestRecord::Clock;

double jitter() {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

// The route's deadline, or the client's own if that is sooner.
Clock::time_point deadline_of(const Context& context, const TimeoutsSpec& timeouts) {
  milliseconds total = timeouts.total;
  const auto field = find_field(context.exchange.head().fields, "x-triage-timeout-ms");
  if (field && may_set(context.key, "timeout")) {
    std::int64_t asked = 0;
    const auto [end, error] = std::from_chars(field->data(), field->data() + field->size(), asked);
    if (error == std::errc() && end == field->data() + field->size() && asked > 0)
      total = std::min(total, milliseconds(asked));
  }
  return context.record.body_read + total;
}

milliseconds left_until(Clock::time_point deadline) {
  return std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
}

// False: the client left meanwhile.
Async<bool> pause(Context& context, milliseconds length) {
  using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;
  if (length <= milliseconds(0)) co_return !context.exchange.gone().fired();
  Timer timer(co_await asio::this_coro::executor, length);
  const CancellationHook when_gone(context.exchange.gone(), [&timer] { timer.cancel(); });
  co_await timer.async_wait(as_result);
  co_return !context.exchange.gone().fired();
}

Failover::Candidate look_at(const Target& target, Clock::time_point now) {
  Failover::Candidate seen;
  seen.context_window = target.deployment->spec->context_window.value_or(0);
  target.deployment->breaker->with([&](const Breaker& breaker) {
    seen.admitted = breaker.admits(now);
    seen.admitted_at = breaker.admits_at();
  });
  return seen;
}

// What the client is told when nothing is left to try.
Async<Result<void>> give_up(Context& context, AttemptFailure failure) {
  if (!failure.reply) co_return failure.error;
  context.record.outcome = failure.what.remedy == Remedy::none ? Outcome::client_error : Outcome::upstream_error;
  context.record.error = ErrorCode::upstream_error;
  const auto sent = co_await send_error(context, *failure.reply);
  co_return sent;
}

}  // namespace

Async<Result<void>> attempts(Context& context, const ApiRequest& request, const LiveRoute* route,
                             std::vector<Target>& targets) {
  const TimeoutsSpec timeouts = route != nullptr ? route->spec->timeouts : TimeoutsSpec();
  const auto deadline = deadline_of(context, timeouts);
  RetryBudget& budget = route != nullptr ? *route->budget : *context.snapshot.direct_budget;
  budget.request(Clock::now());
  Failover failover(targets.size(), route != nullptr ? route->spec->retry : RetrySpec(),
                    [&](std::size_t i) { return look_at(targets[i], Clock::now()); });
  Failover::Step step = failover.first();
  for (;;) {
    Target& target = targets[step.candidate];
    target.attempt = context.record.attempts + 1;
    const CallTimeouts within = timeouts_within(timeouts, left_until(deadline));
    auto failure = co_await attempt(context, request, target, within, !failover.may_change_candidate());
    if (!failure) co_return Result<void>();
    if (context.answering) co_return failure->error;
    const auto next =
        failover.after(failure->what, left_until(deadline), jitter(), [&] { return budget.take(Clock::now()); });
    if (!next || left_until(deadline) <= milliseconds(0)) {
      const auto told = co_await give_up(context, std::move(*failure));
      co_return told;
    }
    (next->retry ? context.record.route->retries : context.record.route->fallbacks)->add();
    const bool still_there = co_await pause(context, next->pause);
    if (!still_there) co_return Error{ErrorCode::client_gone, "the client left between two attempts"};
    step = *next;
  }
}

}  // namespace triage
