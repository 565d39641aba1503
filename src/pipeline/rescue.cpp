// What becomes of the second stream's events while its text is not yet past what the client has: they are dropped, but
// for the one that goes past it, which is left with the rest of its text. From there on all are sent.
#include "pipeline/rescue.hpp"

#include "openai/request_body.hpp"
#include "openai/request_edit.hpp"
#include "pipeline/held_answer.hpp"

#include <algorithm>

namespace triage {
namespace {

constexpr std::string_view done = "[DONE]";

Error rejected(std::string why) {
  return Error{ErrorCode::answer_rejected, std::move(why)};
}

}  // namespace

RescuingOut::RescuingOut(Context& context, AnswerOut& client, const ApiRequest& request, bool prefill)
    : context_(context),
      client_(client),
      request_(request),
      prefill_(prefill),
      reader_(context.snapshot.spec.limits.event.bytes) {}

void RescuingOut::forget() {
  context_.snapshot.held->add(-static_cast<std::int64_t>(counted_));
  counted_ = 0;
  sent_ = std::string();
}

Async<Result<void>> RescuingOut::whole(ResponseHead head, std::string_view body) {
  const auto sent = co_await client_.whole(std::move(head), body);
  co_return sent;
}

Async<Result<void>> RescuingOut::begin(ResponseHead head, std::string_view events) {
  if (continuation_) co_return co_await write(events);
  note(events);
  const auto begun = co_await client_.begin(std::move(head), events);
  co_return begun;
}

Async<Result<void>> RescuingOut::write(std::string_view events) {
  if (!continuation_) {
    note(events);
    co_return co_await client_.write(events);
  }
  const auto rest = fitted(events);
  if (!rest) co_return rest.error();
  if (rest->empty()) co_return Result<void>();
  co_return co_await client_.write(*rest);
}

Async<Result<void>> RescuingOut::finish(std::string_view events) {
  if (!continuation_) co_return co_await client_.finish(events);
  const auto rest = fitted(events);
  if (!rest) co_return rest.error();
  if (continuation_->repeated()) context_.record.continued = 0;  // the second wrote the whole
  context_.record.metrics->rescued->add();
  co_return co_await client_.finish(*rest);
}

void RescuingOut::note(std::string_view events) {
  if (!possible_) return;
  reader_.feed_copy(events);
  while (possible_) {
    const auto event = reader_.next();
    if (!event) possible_ = false;
    if (!event || !*event) break;
    if ((*event)->data != done) note_piece(read_stream_piece((*event)->data, sent_));
  }
  const std::size_t more = sent_.size() - counted_;
  if (possible_) possible_ = room_for(context_.snapshot, counted_, more) == Room::enough;
  if (!possible_) return forget();
  context_.snapshot.held->add(static_cast<std::int64_t>(more));
  counted_ = sent_.size();
}

void RescuingOut::note_piece(const StreamPiece& piece) {
  if (piece.acts || piece.more || piece.finished) possible_ = false;
  role_ = role_ || piece.role;
  if (!piece.choices || !identity_.id.empty()) return;
  identity_.id = piece.id;
  identity_.created = piece.created;
  identity_.model = piece.model;
}

const ApiRequest* RescuingOut::resume() {
  if (!possible_ || continuation_) return nullptr;
  if (sent_.empty()) prefill_ = false;  // nothing to go on with
  continuation_.emplace(sent_, prefill_ ? Continuation::Asked::to_go_on : Continuation::Asked::again);
  reader_ = SseReader(context_.snapshot.spec.limits.event.bytes);
  if (!prefill_) return &request_;
  asked_bytes_.append(prefilled_request(request_, sent_));
  if (asked_bytes_.empty()) return nullptr;
  const auto parsed = parse_request_body(request_.api, asked_bytes_.view(), context_.snapshot.spec.limits.body_depth);
  if (!parsed) return nullptr;
  asked_ = *parsed;
  return &*asked_;
}

bool RescuingOut::takes(const Target& target) const {
  if (!prefill_) return true;
  const auto& able = target.deployment->spec->capabilities;
  return able && std::ranges::find(*able, "prefill") != able->end();
}

Result<std::string> RescuingOut::fitted(std::string_view events) {
  std::string out;
  reader_.feed_copy(events);
  for (;;) {
    const auto event = reader_.next();
    if (!event) return event.error();
    if (!*event) return out;
    const auto fits = fit((*event)->data, out);
    if (!fits) return fits.error();
  }
}

Error RescuingOut::short_of() const {
  return rejected("it ends after " + std::to_string(continuation_->matched()) + " of the " +
                  std::to_string(sent_.size()) + " bytes that the client has");
}

Result<void> RescuingOut::fit(std::string_view data, std::string& out) {
  const bool settled = continuation_->settled();
  if (data == done) {
    if (!settled) return short_of();
    out.append("data: ").append(done).append("\n\n");
    return {};
  }
  std::string text;
  const StreamPiece piece = read_stream_piece(data, text);
  const auto next = continuation_->next(text);
  if (!next)
    return rejected("it differs from what the client has after " + std::to_string(continuation_->matched()) + " bytes");
  std::string said(next->kept);
  said.append(next->rest);
  if (piece.acts || piece.finished) {
    const auto kept = continuation_->end();
    if (!kept) return short_of();
    said.append(*kept);
  } else if (!settled && said.empty()) {
    return {};
  }
  auto edited =
      edited_stream_event(data, identity_, settled ? std::nullopt : std::optional<std::string_view>(said), !role_);
  if (!edited) return rejected("an event of it cannot be read");
  out += *edited;
  return {};
}

std::unique_ptr<RescuingOut> make_rescue(Context& context, AnswerOut& client, const ApiRequest& request,
                                         const LiveRoute* route) {
  if (route == nullptr || route->spec->rescue == "off") return nullptr;
  if (!request.stream || request.api == Api::embeddings || request.outline.choices != 1) return nullptr;
  return std::make_unique<RescuingOut>(context, client, request, route->spec->rescue == "prefill");
}

}  // namespace triage
