#include "pipeline/answer_out.hpp"

namespace triage {

void ClientOut::answer_begins() {
  context_.record.first_byte = RequestRecord::Clock::now();
  context_.answering = true;
}

Async<Result<void>> ClientOut::whole(ResponseHead head, std::string_view body) {
  answer_begins();
  if (context_.seen) context_.seen->whole(body);
  const std::string cost = cost_so_far(context_.record);
  co_await conclude(context_);
  if (!cost.empty()) head.fields.push_back({"x-triage-cost-usd", cost});
  const auto sent = co_await context_.exchange.respond(std::move(head), body);
  co_return sent;
}

Async<Result<void>> ClientOut::begin(ResponseHead head, std::string_view events) {
  answer_begins();
  if (context_.seen) context_.seen->events(events);
  const auto begun = co_await context_.exchange.begin(std::move(head), std::nullopt, events);
  co_return begun;
}

Async<Result<void>> ClientOut::write(std::string_view events) {
  if (context_.seen) context_.seen->events(events);
  return context_.exchange.write(events);
}

Async<Result<void>> ClientOut::finish(std::string_view events) {
  if (context_.seen) context_.seen->events(events);
  co_await conclude(context_);
  const auto finished = co_await context_.exchange.finish(events);
  co_return finished;
}

}  // namespace triage
