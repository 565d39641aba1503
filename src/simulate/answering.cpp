// What is billed, when the caller stays to the end, and when it leaves:
//
//   before the answer begins      nothing
//   plain, while it is made       the prompt, and the tokens made until then
//   plain, while it is sent       all
//   streamed                      the prompt, and the tokens sent
#include "simulate/answering.hpp"

namespace triage::simulate {

namespace {

Async<void> send_whole(Exchange& exchange, Model& model, Pace pace, const Answer& made, const ReplyHead& reply,
                       const Misbehaviour& wrong) {
  using Clock = std::chrono::steady_clock;
  Usage usage = made.usage;
  Body body;
  body.text = reply_text(reply, made);
  body.tokens = usage.completion - usage.reasoning;
  const std::chrono::nanoseconds until_first = pace.head + pace.first;
  const auto begun = Clock::now();
  const auto wait = until_first + pace.per_token * usage.completion;
  const bool sent = co_await send_body(exchange, std::move(body), wait, wrong);
  const std::chrono::nanoseconds making = Clock::now() - begun - until_first;
  const bool left = !sent && !exchange.begun();
  if (left && pace.per_token.count() > 0 && making.count() >= 0) {
    const auto tokens = static_cast<std::uint64_t>(making / pace.per_token);
    usage.completion = static_cast<std::uint32_t>(std::min<std::uint64_t>(usage.completion, tokens));
    usage.reasoning = std::min(usage.reasoning, usage.completion);
    model.bill.add(usage, false);
    co_return;
  }
  bill(exchange, model, usage, sent && reply.usage && !wrong.malformed_at);
}

}  // namespace

void bill(const Exchange& exchange, Model& model, const Usage& usage, bool reported) {
  if (exchange.begun())
    model.bill.add(usage, reported);
  else
    model.abandoned.fetch_add(1, std::memory_order_relaxed);
}

Async<void> send_answer(Exchange& exchange, Model& model, Pace pace, const Question& question, Answer& made,
                        ReplyHead reply, const Misbehaviour& wrong) {
  reply.model = question.model;
  reply.usage = !wrong.no_usage;
  reply.logprobs = question.logprobs && wrong.event_bytes == 0;
  reply.top_logprobs = question.top_logprobs;
  if (wrong.empty) replace_text(made, {});
  if (!question.stream) {
    if (wrong.event_bytes > 0) replace_text(made, std::string(wrong.event_bytes, 'x'));
    co_await send_whole(exchange, model, pace, made, reply, wrong);
    co_return;
  }
  if (wrong.event_bytes > 0) {
    const std::size_t overhead = AnswerEvents(reply, made, question.include_usage, false).event_overhead();
    replace_text(made, std::string(wrong.event_bytes > overhead ? wrong.event_bytes - overhead : 1, 'x'));
  }
  AnswerEvents events(reply, made, question.include_usage, !wrong.no_done);
  co_await send_events(exchange, events, pace, wrong);
  const bool reported = events.usage_sent() && !wrong.malformed_at;
  Usage usage = made.usage;
  if (!reported) {
    if (events.sent() == 0) usage.reasoning = 0;  // it would come before the first token
    usage.completion = usage.reasoning + events.sent();
  }
  bill(exchange, model, usage, reported);
}

}  // namespace triage::simulate
