#include "pipeline/answer/rescue.hpp"

#include "openai/answer_reader.hpp"
#include "openai/request_body.hpp"
#include "openai/request_edit.hpp"
#include "pipeline/answer/hold.hpp"

#include <algorithm>

namespace triage {

bool may_rescue(const Policy& policy, const ApiRequest& request) noexcept {
  return policy.spec->rescue != RescueMode::off && request.stream && request.form == WireForm::openai &&
         request.api != Api::embeddings && request.outline.choices == 1;
}

Rescue::Rescue(const Scope& scope, Trail& trail, Attempts& attempts, Attempt& first, AnswerStream& stream,
               bool drop_logprobs)
    : scope_(scope),
      trail_(trail),
      attempts_(attempts),
      first_(first),
      stream_(stream),
      prefill_(scope.policy.spec->rescue == RescueMode::prefill),
      drop_logprobs_(drop_logprobs),
      row_(first.row()) {}

void Rescue::forget() {
  if (counted_ == 0) return;
  scope_.snapshot.held->add(-static_cast<std::int64_t>(counted_));
  counted_ = 0;
}

// What was sent is in the trail; it counts as held.
void Rescue::account() {
  if (no_room_ || !first_.trace().plain) return forget();
  const std::size_t size = first_.said().text.size();
  if (room_for(scope_.snapshot, counted_, size - counted_) != Room::enough) {
    no_room_ = true;
    return forget();
  }
  scope_.snapshot.held->add(static_cast<std::int64_t>(size - counted_));
  counted_ = size;
}

bool Rescue::possible() const {
  const AnswerTrace& trace = first_.trace();
  return !no_room_ && trace.plain && (!trace.logprobs || drop_logprobs_) && cut_->remedy != Remedy::none &&
         !scope_.client.gone.fired();
}

bool Rescue::takes(const Target& target) const {
  if (!prefill_) return true;
  const auto& able = target.deployment->spec->capabilities;
  return able && std::ranges::find(*able, Capability::prefill) != able->end();
}

bool Rescue::ended() const noexcept {
  return cut_ ? over_ : stream_.ended();
}

void Rescue::cancel() {
  last().cancel();
}

Result<const AnswerEvent*> Rescue::next() {
  if (second_) return next_fitted();
  if (cut_) return nullptr;  // wait() continues from here
  auto event = stream_.next();
  if (event) {
    if (*event != nullptr) account();
    return event;
  }
  cut_ = first_.failure() ? *first_.failure() : failure_of(event.error());
  return nullptr;
}

Async<Result<void>> Rescue::wait() {
  if (second_) co_return co_await second_->wait();
  if (!cut_) {
    const auto waited = co_await stream_.wait();
    if (waited) co_return waited;
    cut_ = first_.failure() ? *first_.failure() : failure_of(waited.error());
  }
  const auto resumed = co_await resume();
  co_return resumed;
}

// What to ask; null: the answer cannot be continued.
const ApiRequest* Rescue::to_ask() {
  if (sent_.empty()) prefill_ = false;  // nothing to continue
  if (!prefill_) return &scope_.request;
  asked_bytes_.append(prefilled_request(scope_.request, sent_));
  if (asked_bytes_.empty()) return nullptr;
  const auto parsed =
      parse_request_body(scope_.request.api, asked_bytes_.view(), scope_.snapshot.spec.limits.body_depth);
  if (!parsed) return nullptr;
  asked_ = *parsed;
  return &*asked_;
}

// If the rescue fails too, the client gets the first attempt's error.
Async<Result<void>> Rescue::resume() {
  if (!possible()) co_return cut_->error;
  sent_ = first_.said().text;
  const ApiRequest* const request = to_ask();
  if (request == nullptr) co_return cut_->error;
  continuation_.emplace(sent_, prefill_ ? Continuation::Asked::to_go_on : Continuation::Asked::again);
  const std::size_t attempts_before = trail_.size();
  const bool own_words = request != &scope_.request;
  const AttemptCall call{*request, {}, AttemptCause::rescue, Purpose::answer, own_words, 0};
  std::function<bool(const Target&)> able = [this](const Target& target) { return takes(target); };
  auto result = co_await attempts_.resume(*cut_, call, std::move(able));
  if (result.failure) {
    if (result.failure->code() == ErrorCode::client_gone) co_return result.failure->error;
    if (trail_.size() > attempts_before) scope_.policy.metrics.rescues_failed->add();
    co_return cut_->error;
  }
  second_ = std::move(result.answer);
  TrailRow& row = trail_[second_->row()];
  if (own_words) row.continued = trail_[row_].record.tokens.output;
  row.said = trail_[row_].said;
  row.answer_id = trail_[row_].answer_id;
  row_ = second_->row();
  co_return Result<void>();
}

// The second answer is not a continuation of the first; its row says so.
Error Rescue::refused(std::string why) {
  AttemptRecord& record = trail_[second_->row()].record;
  const bool whole = second_->ended();
  second_->reject(why);
  if (whole) record.end = AttemptEnd::rejected;
  record.verdict = std::move(why);
  return give_up();
}

Error Rescue::refused_for_its_end() {
  return refused("it ends after " + std::to_string(continuation_->matched()) + " of the " +
                 std::to_string(sent_.size()) + " bytes that the client has");
}

Error Rescue::give_up() {
  scope_.policy.metrics.rescues_failed->add();
  trail_[first_.row()].said = trail_[row_].said;  // this is what the client has
  row_ = first_.row();
  return cut_->error;
}

Result<const AnswerEvent*> Rescue::next_fitted() {
  while (!over_) {
    const auto event = second_->next();
    if (!event) return event.error().code == ErrorCode::client_gone ? event.error() : give_up();
    if (*event == nullptr) {
      if (!second_->ended()) return nullptr;
      if (!continuation_->settled()) return refused_for_its_end();
      if (continuation_->repeated()) trail_[row_].continued = 0;  // the second attempt wrote the whole answer
      scope_.policy.metrics.rescued->add();
      over_ = true;
      break;
    }
    const auto fits = fit(**event);
    if (!fits) return fits.error();
    if (*fits) return &fitted_;
  }
  return nullptr;
}

// Whether the event has anything for the client, which is then in fitted_.
Result<bool> Rescue::fit(const AnswerEvent& event) {
  const bool settled = continuation_->settled();
  std::string text;
  bool finished = false;
  for (const AnswerPiece& piece : event.pieces)
    if (piece.choice == 0 && piece.kind == AnswerPiece::Kind::text) piece.text.append_to(text);
  for (const AnswerChoice& choice : event.choices) finished = finished || !choice.finish_reason.empty();
  const auto next = continuation_->next(text);
  if (!next)
    return refused("it differs from what the client has after " + std::to_string(continuation_->matched()) + " bytes");
  std::string said(next->kept);
  said.append(next->rest);
  if (event.acts || finished) {
    const auto kept = continuation_->end();
    if (!kept) return refused_for_its_end();
    said.append(*kept);
  } else if (!settled && said.empty()) {
    return false;
  }
  auto edited =
      edited_stream_event(event.json, first_.trace().identity,
                          settled ? std::nullopt : std::optional<std::string_view>(said), !first_.trace().role);
  if (!edited) return refused("an event of it cannot be read");
  fitted_bytes_ = std::move(*edited);
  Buffer data;  // as the client reads it
  data.append(std::string_view(fitted_bytes_).substr(std::string_view("data: ").size()));
  add_to_completion(data.view(), trail_[row_].said);
  fitted_.clear();
  fitted_.verbatim = fitted_bytes_;
  return true;
}

}  // namespace triage
