// Attempts, as many as Failover says, until one has answered, the client has left, the answer has begun, or nothing is
// left to try. With hedging two of them may be under way at once, until the answer of one begins:
//
//   open first --(begins, or fails)--------------------------------> deliver
//        '--(silent for too long)--> open second --(one begins)--> cancel the other, deliver
//
// Where the route rescues streams, one that breaks off on its way to the client is gone on with by one attempt more.
#include "base/event.hpp"
#include "pipeline/attempt.hpp"
#include "pipeline/rescue.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>

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

class AttemptLoop {
 public:
  AttemptLoop(Context& context, AnswerPath& path, const LiveRoute* route, const std::vector<Target>& targets)
      : context_(context),
        path_(path),
        route_(route),
        targets_(targets),
        timeouts_(route != nullptr ? route->spec->timeouts : TimeoutsSpec()),
        deadline_(deadline_of(context, timeouts_)),
        budget_(route != nullptr ? *route->budget : *context.snapshot.direct_budget),
        failover_(targets.size(), route != nullptr ? route->spec->retry : RetrySpec(),
                  [this](std::size_t i) { return look_at(targets_[i]); }) {}

  Async<std::optional<AttemptFailure>> run(AttemptCause cause);

 private:
  // One of two attempts that are opened at the same time.
  struct Racer {
    std::unique_ptr<Attempt> attempt;
    std::exception_ptr broken;
    bool done = false;
    [[nodiscard]] bool begun() const { return done && !attempt->failure(); }
  };

  [[nodiscard]] Failover::Candidate look_at(const Target& target) const;
  Async<std::optional<AttemptFailure>> rescue(AttemptFailure cut);
  std::unique_ptr<Attempt> attempt_at(std::size_t candidate, AttemptCause cause);
  Async<std::unique_ptr<Attempt>> open(const Failover::Step& step, AttemptCause cause);
  Async<std::unique_ptr<Attempt>> open_hedged(std::unique_ptr<Attempt> first, milliseconds after);
  [[nodiscard]] std::optional<milliseconds> hedge_after(const Target& target) const;
  void start(Racer& racer, Event& changed);
  [[nodiscard]] CallTimeouts timeouts() const { return timeouts_within(timeouts_, left_until(deadline_)); }

  Context& context_;
  AnswerPath& path_;
  const LiveRoute* route_;
  const std::vector<Target>& targets_;
  TimeoutsSpec timeouts_;
  Clock::time_point deadline_;
  RetryBudget& budget_;
  Failover failover_;
  RescuingOut* rescue_ = nullptr;  // while it goes on with a stream
};

Failover::Candidate AttemptLoop::look_at(const Target& target) const {
  Failover::Candidate seen;
  seen.able = rescue_ == nullptr || rescue_->takes(target);
  seen.context_window = target.deployment->spec->context_window.value_or(0);
  const auto now = Clock::now();
  target.deployment->breaker->with([&](const Breaker& breaker) {
    seen.admitted = breaker.admits(now);
    seen.admitted_at = breaker.admits_at();
  });
  return seen;
}

Async<std::optional<AttemptFailure>> AttemptLoop::run(AttemptCause cause) {
  budget_.request(Clock::now());
  if (route_ != nullptr && route_->hedge_budget != nullptr) route_->hedge_budget->request(Clock::now());
  Failover::Step step = failover_.first();
  for (;;) {
    auto attempt = co_await open(step, cause);
    if (!attempt->failure()) {
      const CancellationHook when_gone(context_.exchange.gone(), [&attempt] { attempt->cancel(); });
      co_await attempt->deliver();
    }
    std::optional<AttemptFailure> failed = std::move(attempt->failure());
    if (!failed) co_return failed;
    attempt.reset();  // hangs up
    if (context_.answering) {
      auto left = co_await rescue(std::move(*failed));
      co_return left;
    }
    const auto next =
        failover_.after(failed->what, left_until(deadline_), jitter(), [this] { return budget_.take(Clock::now()); });
    if (!next || left_until(deadline_) <= milliseconds(0)) co_return failed;
    cause = next->retry ? AttemptCause::retry : AttemptCause::fallback;
    (next->retry ? context_.record.metrics->retries : context_.record.metrics->fallbacks)->add();
    const bool still_there = co_await pause(context_, next->pause);
    if (!still_there) {
      failed->reply.reset();
      failed->error = Error{ErrorCode::client_gone, "the client left between two attempts"};
      co_return failed;
    }
    step = *next;
  }
}

// Of a second failure the client hears nothing: what ended its answer is the first.
Async<std::optional<AttemptFailure>> AttemptLoop::rescue(AttemptFailure cut) {
  RescuingOut* const out = path_.rescue();
  if (out == nullptr || cut.what.remedy == Remedy::none || context_.exchange.gone().fired()) co_return cut;
  const ApiRequest* const request = out->resume();
  if (request == nullptr) co_return cut;
  rescue_ = out;
  AttemptFailed what = cut.what;
  what.elsewhere = true;  // what has cut the stream off there may do so again
  const auto next =
      failover_.after(what, left_until(deadline_), jitter(), [this] { return budget_.take(Clock::now()); });
  if (!next || left_until(deadline_) <= milliseconds(0)) co_return cut;
  const bool still_there = co_await pause(context_, next->pause);
  if (!still_there) {
    cut.error = Error{ErrorCode::client_gone, "the client left between two attempts"};
    co_return cut;
  }
  RequestRecord& record = context_.record;
  const Target asked = record.asked;
  if (request != record.request) record.continued = record.attempts[asked.attempt - 1].tokens.output;
  auto attempt = std::make_unique<Attempt>(context_, *request, *out, targets_[next->candidate], AttemptCause::rescue);
  const CancellationHook when_gone(context_.exchange.gone(), [&attempt] { attempt->cancel(); });
  co_await attempt->open(timeouts(), true, false);
  if (!attempt->failure()) co_await attempt->deliver();
  std::optional<AttemptFailure> failed = std::move(attempt->failure());
  const auto code = !failed || failed->reply ? ErrorCode::upstream_error : failed->error.code;
  if (!failed || code == ErrorCode::client_gone) co_return failed;
  record.metrics->rescues_failed->add();
  AttemptRecord& row = record.attempts.back();
  if (code == ErrorCode::answer_rejected) {
    row.end = AttemptEnd::rejected;  // also of one that came whole
    row.verdict = failed->error.message;
  }
  record.asked = asked;
  record.finish_reason.clear();
  co_return cut;
}

std::unique_ptr<Attempt> AttemptLoop::attempt_at(std::size_t candidate, AttemptCause cause) {
  const Target& target = targets_[candidate];
  return std::make_unique<Attempt>(context_, path_.request(target), path_.out(target), target, cause);
}

Async<std::unique_ptr<Attempt>> AttemptLoop::open(const Failover::Step& step, AttemptCause cause) {
  const Target& target = targets_[step.candidate];
  auto attempt = attempt_at(step.candidate, cause);
  const bool another = failover_.may_change_candidate();
  const auto after = another ? hedge_after(target) : std::nullopt;
  if (after) {
    auto opened = co_await open_hedged(std::move(attempt), *after);
    co_return opened;
  }
  const CancellationHook when_gone(context_.exchange.gone(), [&attempt] { attempt->cancel(); });
  co_await attempt->open(timeouts(), !another, false);
  co_return attempt;
}

std::optional<milliseconds> AttemptLoop::hedge_after(const Target& target) const {
  if (route_ == nullptr || !route_->spec->hedge) return std::nullopt;
  const HedgeSpec& spec = *route_->spec->hedge;
  const auto usual = target.deployment->first_byte_times->quantile(path_.request(target).stream, spec.quantile);
  if (!usual) return spec.after;
  return std::max(spec.least, std::chrono::ceil<milliseconds>(*usual));
}

void AttemptLoop::start(Racer& racer, Event& changed) {
  const auto done = [&racer, &changed](std::exception_ptr broken) {
    racer.broken = std::move(broken);
    racer.done = true;
    changed.notify();
  };
  asio::co_spawn(context_.executor, racer.attempt->open(timeouts(), false, true), done);
}

// Both attempts have ended their opening when this returns: nothing that is still under way refers to them.
Async<std::unique_ptr<Attempt>> AttemptLoop::open_hedged(std::unique_ptr<Attempt> first, milliseconds after) {
  Event changed;
  Racer one{std::move(first), nullptr};
  Racer two;
  bool late = false;
  const CancellationHook when_gone(context_.exchange.gone(), [&one, &two] {
    one.attempt->cancel();
    if (two.attempt) two.attempt->cancel();
  });
  Deadline alarm(context_.deadlines, [&late, &changed] {
    late = true;
    changed.notify();
  });
  start(one, changed);
  alarm.set_in(after);
  while (!one.done && !late) co_await changed.wait();
  alarm.clear();
  std::optional<std::size_t> second;
  if (!one.done && route_->hedge_budget->take(Clock::now())) second = failover_.hedge();
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
  if (second) (second_wins ? context_.record.metrics->hedges_won : context_.record.metrics->hedges_lost)->add();
  if (second_wins) failover_.settle_on(*second);
  co_return std::move((second_wins ? two : one).attempt);
}

}  // namespace

Async<std::optional<AttemptFailure>> try_targets(Context& context, AnswerPath& path, const LiveRoute* route,
                                                 const std::vector<Target>& targets, AttemptCause cause) {
  AttemptLoop loop(context, path, route, targets);
  auto failed = co_await loop.run(cause);
  co_return failed;
}

milliseconds time_left(const Context& context, const TimeoutsSpec& spec) {
  return left_until(deadline_of(context, spec));
}

Async<Result<void>> give_up(Context& context, const AttemptFailure& failure) {
  if (!failure.reply || context.answering) co_return failure.error;
  context.record.outcome = failure.what.remedy == Remedy::none ? Outcome::client_error : Outcome::upstream_error;
  context.record.error = ErrorCode::upstream_error;
  const auto sent = co_await send_error(context, *failure.reply);
  co_return sent;
}

Async<Result<void>> attempts(Context& context, const ApiRequest& request, const LiveRoute* route,
                             const std::vector<Target>& targets) {
  StraightPath path(context, request, route);
  const auto failed = co_await try_targets(context, path, route, targets, AttemptCause::first);
  if (!failed) co_return Result<void>();
  const auto told = co_await give_up(context, *failed);
  co_return told;
}

}  // namespace triage
