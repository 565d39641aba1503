#include "pipeline/answer/hold.hpp"

#include "openai/answer_edit.hpp"
#include "text/text_shape.hpp"

namespace triage {
namespace {

using Clock = Trail::Clock;

std::int64_t tokens_of(std::string_view text) {
  TextShape shape;
  count_text(text, shape);
  return estimate_tokens(shape);
}

}  // namespace

Hold::Hold(const Snapshot& snapshot, Attempt& answer, const HoldSpec& hold, bool drop_logprobs, Judge judge)
    : snapshot_(snapshot), answer_(answer), hold_(hold), drop_logprobs_(drop_logprobs), judge_(std::move(judge)) {}

Held Hold::refuse(std::string reason) {
  answer_.reject(std::move(reason));
  return Held::refused;
}

bool Hold::keep(std::string_view bytes) {
  if (room_for(snapshot_, bytes_.size(), bytes.size()) != Room::enough) return false;
  bytes_.append(bytes);
  snapshot_.held->add(static_cast<std::int64_t>(bytes.size()));
  return true;
}

Async<Held> Hold::settle(Cancellation& gone) {
  const CancellationHook when_gone(gone, [this] { answer_.cancel(); });
  for (;;) {
    const auto failed = take_what_is_there();
    answered_ = Clock::now();
    if (failed) co_return *failed;
    if (answer_.ended()) break;
    const auto judged = judge_window();
    if (judged) co_return *judged;
    const auto waited = co_await answer_.wait();
    if (!waited) co_return Held::failed;
  }
  co_await answer_.drain();
  co_return Held::whole;
}

std::optional<Held> Hold::take_what_is_there() {
  for (;;) {
    const auto event = answer_.next();
    if (!event) return Held::failed;
    if (*event == nullptr) return std::nullopt;
    if (keep((*event)->verbatim)) continue;
    const bool too_large = bytes_.size() + (*event)->verbatim.size() > snapshot_.spec.limits.held.bytes;
    return refuse(too_large ? "the answer is larger than limits.held" : "no room is left within limits.held_total");
  }
}

std::optional<Held> Hold::judge_window() {
  if (!window_over()) return std::nullopt;
  const auto verdict = judge_(answer_.said());
  if (!verdict) {
    undecided_ = true;
    return std::nullopt;
  }
  if (!verdict->accept) return refuse(verdict->reason);
  return Held::through;
}

bool Hold::window_over() const {
  const Completion& said = answer_.said();
  if (hold_.mode != HoldMode::window || undecided_ || bytes_.empty() || !said.tool_calls.empty()) return false;
  const auto limit = std::chrono::milliseconds(hold_.ms);
  if (hold_.ms > 0 && Clock::now() - began_ >= limit && !said.text.empty()) return true;
  return hold_.tokens > 0 && tokens_of(said.text) >= hold_.tokens;
}

Result<const AnswerEvent*> Hold::next() {
  if (std::exchange(on_loan_, false)) drop_kept();
  if (!bytes_.empty() && !calls_) return give_kept();
  for (;;) {
    auto event = answer_.next();
    if (!event) return event;
    if (*event == nullptr) return answer_.ended() && !bytes_.empty() ? give_kept() : nullptr;
    calls_ = calls_ || !(*event)->calls.empty();
    if (!calls_) return edited(**event);
    if (keep((*event)->verbatim)) continue;
    calls_ = false;  // it is too late to refuse anything
    bytes_.append((*event)->verbatim);
    snapshot_.held->add(static_cast<std::int64_t>((*event)->verbatim.size()));
    return give_kept();
  }
}

const AnswerEvent* Hold::give_kept() {
  on_loan_ = true;
  given_.clear();
  given_.verbatim = bytes_.view();
  if (!drop_logprobs_) return &given_;
  given_bytes_ = edited_events(bytes_.view(), {std::string::npos, true});
  given_.verbatim = given_bytes_;
  return &given_;
}

const AnswerEvent* Hold::edited(const AnswerEvent& event) {
  if (!drop_logprobs_ || !event.says_logprobs) return &event;
  given_bytes_ = edited_events(event.verbatim, {std::string::npos, true});
  given_.clear();
  given_.verbatim = given_bytes_;
  return &given_;
}

void Hold::drop_kept() {
  snapshot_.held->add(-static_cast<std::int64_t>(bytes_.size()));
  bytes_.clear();
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

}  // namespace triage
