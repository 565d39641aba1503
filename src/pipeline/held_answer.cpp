#include "pipeline/held_answer.hpp"

#include "openai/answer_edit.hpp"
#include "openai/completion.hpp"
#include "text/text_shape.hpp"

namespace triage {
namespace {

using Clock = RequestRecord::Clock;

std::int64_t tokens_of(std::string_view text) {
  TextShape shape;
  count_text(text, shape);
  return estimate_tokens(shape);
}

}  // namespace

HeldOut::HeldOut(Context& context, AnswerOut& client, const HoldSpec& hold, bool drop_logprobs, Judge judge)
    : client_(client),
      hold_(hold),
      limits_(context.snapshot.spec.limits),
      snapshot_(context.snapshot),
      drop_logprobs_(drop_logprobs),
      judge_(std::move(judge)),
      reader_(limits_.held.bytes) {}

void HeldOut::forget() {
  snapshot_.held->add(-static_cast<std::int64_t>(answer_.bytes.size()));
  answer_ = HeldAnswer();
  reader_ = SseReader(limits_.held.bytes);
  refused_.clear();
  complete_ = through_ = undecided_ = false;
}

void HeldOut::keep_head(const ResponseHead& head) {
  forget();  // what a failed attempt left
  began_ = Clock::now();
  answer_.status = head.status;
  for (const Field& field : head.fields) answer_.fields.emplace_back(field.name, field.value);
}

Result<void> HeldOut::refuse(std::string reason) {
  refused_ = std::move(reason);
  return Error{ErrorCode::answer_rejected, refused_};
}

Async<Result<void>> HeldOut::whole(ResponseHead head, std::string_view body) {
  keep_head(head);
  const auto room = make_room_for(body);
  if (!room) co_return room;
  answer_.bytes.append(body);
  snapshot_.held->add(static_cast<std::int64_t>(body.size()));
  add_to_completion(answer_.bytes.view(), answer_.completion);
  complete_ = true;
  co_return Result<void>();
}

Async<Result<void>> HeldOut::begin(ResponseHead head, std::string_view events) {
  keep_head(head);
  answer_.streamed = true;
  co_return co_await write(events);
}

Result<void> HeldOut::make_room_for(std::string_view bytes) {
  switch (room_for(snapshot_, answer_.bytes.size(), bytes.size())) {
    case Room::enough: return {};
    case Room::too_large: return refuse("the answer is larger than limits.held");
    case Room::none_left: return refuse("no room is left within limits.held_total");
  }
  return {};
}

Result<void> HeldOut::keep(std::string_view events) {
  const auto room = make_room_for(events);
  if (!room) return room;
  const std::size_t before = answer_.bytes.size();
  answer_.bytes.append(events);
  snapshot_.held->add(static_cast<std::int64_t>(events.size()));
  reader_.feed(answer_.bytes.view().substr(before));
  for (;;) {
    const auto event = reader_.next();
    if (!event) return event.error();
    if (!*event) return {};
    add_to_completion((*event)->data, answer_.completion);
  }
}

bool HeldOut::window_over() const {
  if (hold_.mode != "window" || undecided_ || !answer_.completion.tool_calls.empty()) return false;
  const auto limit = std::chrono::milliseconds(hold_.ms);
  if (hold_.ms > 0 && Clock::now() - began_ >= limit && !answer_.completion.text.empty()) return true;
  return hold_.tokens > 0 && tokens_of(answer_.completion.text) >= hold_.tokens;
}

Async<Result<void>> HeldOut::write(std::string_view events) {
  if (through_) co_return co_await write_behind(events);
  const auto kept = keep(events);
  if (!kept || !window_over()) co_return kept;
  const auto verdict = judge_(answer_.completion);
  if (!verdict) {
    undecided_ = true;
    co_return kept;
  }
  if (!verdict->accept) co_return refuse(verdict->reason);
  const auto sent = co_await let_through();
  co_return sent;
}

std::string_view HeldOut::for_client(std::string_view events, std::string& edited) const {
  if (!drop_logprobs_) return events;
  edited = edited_events(events, {std::string::npos, true});
  return edited;
}

Async<Result<void>> HeldOut::let_through() {
  through_ = true;
  ResponseHead head;
  head.status = answer_.status;
  for (const auto& [name, value] : answer_.fields) head.fields.push_back({name, value});
  std::string edited;
  const auto sent = co_await client_.begin(std::move(head), for_client(answer_.bytes.view(), edited));
  drop_kept();
  co_return sent;
}

// Every event is still kept for a moment: the one that begins a tool call stays, and all behind it.
Async<Result<void>> HeldOut::write_behind(std::string_view events) {
  const bool room = make_room_for(events).has_value();
  if (room) {
    const auto kept = keep(events);
    if (!kept || !answer_.completion.tool_calls.empty()) co_return kept;
  }
  auto sent = co_await write_kept();
  std::string edited;
  if (sent && !room) sent = co_await client_.write(for_client(events, edited));  // it is too late to refuse anything
  co_return sent;
}

Async<Result<void>> HeldOut::write_kept() {
  std::string edited;
  Result<void> sent;
  if (!answer_.bytes.empty()) sent = co_await client_.write(for_client(answer_.bytes.view(), edited));
  drop_kept();
  co_return sent;
}

void HeldOut::drop_kept() {
  snapshot_.held->add(-static_cast<std::int64_t>(answer_.bytes.size()));
  answer_.bytes.clear();
  answer_.completion = Completion();
  refused_.clear();
}

// What came in one read with the end is in its last bytes: text, calls, the reason why it ended.
Async<Result<void>> HeldOut::finish(std::string_view events) {
  if (through_) {
    auto sent = co_await write_kept();
    std::string edited;
    if (sent) sent = co_await client_.finish(for_client(events, edited));
    co_return sent;
  }
  const auto kept = keep(events);
  complete_ = kept.has_value();
  co_return kept;
}

Room room_for(const Snapshot& snapshot, std::size_t kept, std::size_t more) {
  const LimitsSpec& limits = snapshot.spec.limits;
  if (kept + more > limits.held.bytes) {
    snapshot.held_hits->add();
    return Room::too_large;
  }
  if (static_cast<std::uint64_t>(snapshot.held->held()) + more <= limits.held_total.bytes) return Room::enough;
  snapshot.held_total_hits->add();
  return Room::none_left;
}

bool room_to_hold(const Snapshot& snapshot) {
  return room_for(snapshot, 0, snapshot.spec.limits.held.bytes) == Room::enough;
}

Async<Result<void>> release(Context& context, AnswerOut& client, const HeldAnswer& answer, std::size_t hidden_bytes,
                            bool drop_logprobs) {
  std::string edited;
  std::string_view bytes = answer.bytes.view();
  if (hidden_bytes > 0 || (drop_logprobs && !answer.completion.logprobs.empty())) {
    const std::size_t size = answer.completion.text.size();
    const AnswerEdit edit{size - std::min(size, hidden_bytes), drop_logprobs};
    edited = answer.streamed ? edited_events(bytes, edit) : edited_answer(bytes, edit);
    bytes = edited;
  }
  if (!answer.streamed && context.exchange.begun())  // a comment went out, so the client expects events
    co_return Error{ErrorCode::upstream_bad_response, "the provider did not answer with a stream of events"};
  ResponseHead head;
  head.status = answer.status;
  const std::string attempts = std::to_string(context.record.attempts.size());
  for (const auto& [name, value] : answer.fields)
    head.fields.push_back({name, name == "x-triage-attempts" ? std::string_view(attempts) : value});
  if (!answer.streamed) {
    const auto sent = co_await client.whole(std::move(head), bytes);
    co_return sent;
  }
  const std::string cost = cost_so_far(context.record);
  if (!cost.empty()) head.fields.push_back({"x-triage-cost-usd", cost});
  const std::size_t end = std::min(bytes.rfind("data:"), bytes.size());  // of [DONE]
  auto sent = co_await client.begin(std::move(head), bytes.substr(0, end));
  if (sent) sent = co_await client.finish(bytes.substr(end));
  co_return sent;
}

}  // namespace triage
