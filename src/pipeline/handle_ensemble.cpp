// Two tiers are asked at once, their answers are held and compared:
//
//   cheap  --.               .-- both answered --> the picker's; the strong one when it cannot tell
//            +-- both ended --+-- one answered  --> that one
//   strong --'               '-- none          --> the strong one's error
//
// All rows go into the request's record: the answer's with purpose `answer`, the other's with `ensemble`.
#include "base/event.hpp"
#include "pipeline/pair.hpp"
#include "pipeline/side_call.hpp"
#include "pipeline/steps.hpp"

#include <boost/asio/co_spawn.hpp>

namespace triage {
namespace {

// Both have ended when this returns.
Async<void> run_both(Context& context, SideCall& one, SideCall& two) {
  Event changed;
  int running = 2;
  std::exception_ptr broken;
  const auto done = [&](std::exception_ptr error) {
    if (error) broken = std::move(error);
    --running;
    changed.notify();
  };
  const CancellationHook when_gone(context.exchange.gone(), [&one, &two] {
    one.cancel();
    two.cancel();
  });
  const Executor here = co_await asio::this_coro::executor;
  asio::co_spawn(here, one.run(), done);
  asio::co_spawn(here, two.run(), done);
  while (running > 0) co_await changed.wait();
  if (broken) std::rethrow_exception(broken);
}

// The rows of one call in the request's record.
struct Rows {
  std::size_t first = 0;
  std::size_t count = 0;
};

Rows take_rows(RequestRecord& into, RequestRecord& from) {
  if (into.attempts.empty()) into.sent = from.sent;
  into.answered = std::max(into.answered, from.answered);
  const Rows rows{into.attempts.size(), from.attempts.size()};
  for (AttemptRecord& row : from.attempts) {
    row.purpose = Purpose::ensemble;
    into.attempts.push_back(std::move(row));
  }
  return rows;
}

void give(RequestRecord& record, const RequestRecord& given, const Rows& rows) {
  for (std::size_t i = 0; i < rows.count; ++i) record.attempts[rows.first + i].purpose = Purpose::answer;
  record.asked = given.asked;
  record.asked.attempt += static_cast<std::uint32_t>(rows.first);
  record.status = given.status;
  record.finish_reason = given.finish_reason;
}

PairAnswer answer_of(SideCall& call) {
  const HeldAnswer* const held = call.answer();
  return {call.record().asked, held != nullptr ? &held->completion : nullptr, total_cost(call.record())};
}

}  // namespace

Async<Result<void>> answer_twice(Context& context, const ApiRequest& request, Drawn drawn) {
  RequestRecord& record = context.record;
  const LiveRoute& route = *record.route;
  const LivePair& pair = *route.ensemble;
  PairTargets& targets = drawn.targets;
  const Exchange& client = context.exchange;
  if (request.stream) promise_stream(context, targets.cheap.front(), false, context.snapshot.spec.limits.silence);
  UnseenExchange cheap_exchange(client.head(), client.id(), client.started());
  UnseenExchange strong_exchange(client.head(), client.id(), client.started());
  SideCall cheap(context, cheap_exchange, request, *record.features, route, std::move(targets.cheap), record.body_read);
  SideCall strong(context, strong_exchange, request, *record.features, route, std::move(targets.strong),
                  record.body_read);
  co_await run_both(context, cheap, strong);
  const PairAnswer answers[] = {answer_of(cheap), answer_of(strong)};
  const Rows of_cheap = take_rows(record, cheap.record());
  const Rows of_strong = take_rows(record, strong.record());
  PairRecord compared = co_await compare(context, pair, answers[0], answers[1]);
  const bool cheap_given = strong.answer() == nullptr ? cheap.answer() != nullptr : compared.picked == "cheap";
  SideCall& given = cheap_given ? cheap : strong;
  give(record, given.record(), cheap_given ? of_cheap : of_strong);
  if (given.answer() != nullptr) compared.given = cheap_given ? "cheap" : "strong";
  const auto cost = total_cost(std::span(record.attempts).subspan(of_cheap.first));
  if (cost) drawn.budget.spent(*cost);
  count_pair(pair, compared, cost);
  record.pair = std::move(compared);
  if (context.exchange.gone().fired())
    co_return Error{ErrorCode::client_gone, "the client left before it had an answer"};
  if (given.answer() == nullptr) {
    const auto told = co_await give_up(context, *given.failure());
    co_return told;
  }
  ClientOut out(context);
  const auto sent = co_await release(context, out, *given.answer(), 0, false);
  co_return sent;
}

}  // namespace triage
