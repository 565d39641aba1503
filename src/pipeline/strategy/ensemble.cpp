// Two tiers are asked at once, their answers are held and compared:
//
//   cheap  --.               .-- both answered --> the picker's choice; the strong one when it cannot tell
//            +-- both ended --+-- one answered  --> that one
//   strong --'               '-- none          --> the strong one's error
//
// The answer's rows have the purpose `answer`, the other's `ensemble`.
#include "pipeline/strategy/ensemble.hpp"

#include "base/event.hpp"
#include "pipeline/strategy/side_call.hpp"

#include <boost/asio/co_spawn.hpp>

namespace triage {
namespace {

// One of the two calls, which can be ended by itself.
struct Side {
  Side(const Scope& of, Trail& trail, std::vector<Target> targets)
      : client{of.client.head, of.client.id, of.client.started, of.client.deadline, of.client.key, gone},
        scope{of.snapshot, of.policy, of.request, of.view, client, of.services, of.ticket},
        call(scope, trail, std::move(targets)) {}
  Side(const Side&) = delete;
  Side& operator=(const Side&) = delete;

  [[nodiscard]] PairAnswer answer(const Trail& trail) const {
    PairAnswer out;
    if (!call.rows().empty()) out.asked = trail[call.rows().back()].target;
    if (call.answer() != nullptr) out.said = &call.answer()->said();
    out.cost_nano_usd = call.cost();
    return out;
  }

  Cancellation gone;
  ClientSide client;
  Scope scope;
  SideCall call;
};

// When this returns, both have ended.
Async<void> run_both(Cancellation& gone, Side& one, Side& two) {
  Event changed;
  int running = 2;
  std::exception_ptr broken;
  const auto done = [&](std::exception_ptr error) {
    if (error) broken = std::move(error);
    --running;
    changed.notify();
  };
  const CancellationHook when_gone(gone, [&gone, &one, &two] {
    one.gone.fire(gone.reason());
    two.gone.fire(gone.reason());
  });
  const Executor here = co_await asio::this_coro::executor;
  asio::co_spawn(here, one.call.run(), done);
  asio::co_spawn(here, two.call.run(), done);
  while (running > 0) co_await changed.wait();
  if (broken) std::rethrow_exception(broken);
}

}  // namespace

Async<MaybeFailure> answer_by_ensemble(const Scope& scope, Response& response, RequestOutcome& outcome, Drawn drawn) {
  const LivePair& pair = *scope.policy.ensemble;
  Trail& trail = outcome.trail;
  const std::size_t first_row = trail.size();
  PairTargets& targets = drawn.targets;
  if (scope.request.stream) response.expect_stream(targets.cheap.front(), false, scope.snapshot.spec.limits.silence);
  Side cheap(scope, trail, std::move(targets.cheap));
  Side strong(scope, trail, std::move(targets.strong));
  co_await run_both(scope.client.gone, cheap, strong);
  const PairAnswer answers[] = {cheap.answer(trail), strong.answer(trail)};
  PairRecord compared = co_await compare(scope, trail, pair, answers[0], answers[1]);
  const bool cheap_given =
      strong.call.answer() == nullptr ? cheap.call.answer() != nullptr : compared.picked == "cheap";
  SideCall& given = (cheap_given ? cheap : strong).call;
  for (const std::size_t row : given.rows()) trail[row].record.purpose = Purpose::answer;
  if (given.answer() != nullptr) compared.given = cheap_given ? "cheap" : "strong";
  const auto cost = trail.cost(first_row);
  if (cost) drawn.budget.spent(*cost);
  count_pair(pair, compared, cost);
  outcome.compared(std::move(compared));
  if (scope.client.gone.fired())
    co_return failure_of(given_up(scope.client.gone, "the client left before it had an answer"));
  if (given.answer() == nullptr) co_return std::move(given.failure());
  const auto sent = co_await response.release(scope.request, *given.answer(), 0, false);
  if (!sent) co_return failure_of(sent.error());
  co_return std::nullopt;
}

}  // namespace triage
