#include "pipeline/answer/response.hpp"

#include "clients/clients.hpp"
#include "http1/error_fields.hpp"
#include "openai/answer_edit.hpp"
#include "pipeline/answer/client_head.hpp"

namespace triage {
namespace {

constexpr std::size_t copied_event_bytes = 16 * 1024;  // larger events are sent without copying

bool is_event_stream(std::string_view said) noexcept {
  constexpr std::string_view type = "text/event-stream";
  return said.size() >= type.size() && iequals(said.substr(0, type.size()), type);
}

bool says_event_stream(const ResponseHead& head) noexcept {
  return is_event_stream(find_field(head.fields, "content-type").value_or(""));
}

void set_type(ResponseHead& head, std::string_view type) {
  std::erase_if(head.fields, [](const Field& field) { return iequals(field.name, "content-type"); });
  head.fields.push_back({"content-type", type});
}

}  // namespace

// A stream on its way to the client. Events that came in one read leave in one write; nothing waits for more.
class Response::Delivery {
 public:
  Delivery(Response& response, Attempt& opened, AnswerStream& stream)
      : response_(response), opened_(opened), stream_(stream) {}

  Async<Result<void>> run() {
    const auto delivered = co_await deliver();
    if (delivered) co_return delivered;
    response_.outcome_.serves(stream_.row());
    response_.broken_ = opened_.take_decoder();
    co_return delivered;
  }

 private:
  Async<Result<void>> deliver() {
    for (;;) {
      const auto taken = co_await take_what_is_there();
      if (!taken) co_return taken;
      if (stream_.ended()) break;
      const auto flushed = co_await flush();
      if (!flushed) co_return flushed;
      const auto waited = co_await stream_.wait();
      if (!waited) co_return waited;
    }
    if (!begun_) {
      const auto flushed = co_await flush();
      if (!flushed) co_return flushed;
    }
    if (!opened_.gave_end()) out_.append(response_.client_->stream_end());
    co_await response_.outcome_.end_ok(stream_.row(), opened_.reply().head().status);
    const auto finished = co_await response_.exchange_.finish(out_);
    co_return finished;
  }

  Async<Result<void>> take_what_is_there() {
    for (;;) {
      const auto event = stream_.next();
      if (!event) {
        co_await flush();  // what came before the error is good
        co_return event.error();
      }
      if (*event == nullptr) co_return Result<void>();
      if ((*event)->verbatim.size() <= copied_event_bytes) {
        response_.client_->add_event(**event, out_);
        continue;
      }
      auto sent = co_await flush();
      if (sent) sent = co_await send((*event)->verbatim);
      if (!sent) co_return sent;
    }
  }

  Async<Result<void>> flush() {
    if (out_.empty()) co_return Result<void>();
    const auto sent = co_await send(out_);
    out_.clear();
    co_return sent;
  }

  // The head waits for the first event, so that another target can still be asked if this is not an answer after all.
  Async<Result<void>> send(std::string_view bytes) {
    if (begun_) co_return co_await response_.exchange_.write(bytes);
    begun_ = true;
    response_.answer_begins(opened_.row(), response_.outcome_.trail[opened_.row()].answered);
    ResponseHead head = response_.head_of(opened_);
    const std::string_view type = response_.stream_type();
    if (!says_event_stream(head) || !is_event_stream(type)) set_type(head, type);
    set_default(head, "cache-control", "no-cache");
    const auto begun = co_await response_.exchange_.begin(std::move(head), std::nullopt, bytes);
    co_return begun;
  }

  Response& response_;
  Attempt& opened_;
  AnswerStream& stream_;
  std::string out_;
  bool begun_ = false;
};

Response::Response(const Snapshot& snapshot, Exchange& exchange, RequestOutcome& outcome)
    : snapshot_(snapshot), exchange_(exchange), outcome_(outcome), client_(&openai_client()) {}

std::string_view Response::stream_type() const {
  static const ApiRequest none;
  return client_->stream_type(outcome_.facts.request != nullptr ? *outcome_.facts.request : none);
}

void Response::expect_stream(const Target& target, bool last, std::chrono::milliseconds within) {
  ResponseHead head;
  if (last)
    add_triage_fields(head.fields, target);
  else if (!target.route.empty())
    head.fields.push_back({"x-triage-route", target.route});
  add_experiment_fields(head.fields, outcome_.facts.assigned);
  head.fields.push_back({"content-type", stream_type()});
  head.fields.push_back({"cache-control", "no-cache"});
  exchange_.fill_silence(std::move(head), within, snapshot_.spec.limits.silence, client_->keep_alive());
}

ResponseHead Response::head_of(const Attempt& opened) const {
  ResponseHead head = client_head(opened.reply(), opened.target());
  add_experiment_fields(head.fields, outcome_.facts.assigned);
  add_dropped(head, outcome_.trail[opened.row()].record.dropped);
  return head;
}

void Response::answer_begins(std::size_t row, Trail::Clock::time_point answered) {
  answering_ = true;
  outcome_.answer_begins(answered, outcome_.trail[row].answer_id);
}

Async<Result<void>> Response::deliver(const ApiRequest& request, Attempt& opened, AnswerStream& stream) {
  if (opened.streamed()) {
    Delivery delivery(*this, opened, stream);
    const auto delivered = co_await delivery.run();
    co_return delivered;
  }
  const auto event = stream.next();
  if (!event) co_return event.error();
  answer_begins(opened.row(), outcome_.trail[opened.row()].answered);
  ResponseHead head = head_of(opened);
  const auto sent = co_await send_whole(request, std::move(head), (*event)->verbatim, opened.row());
  co_return sent;
}

// Sends a whole answer, as a stream if the client asked for one.
Async<Result<void>> Response::send_whole(const ApiRequest& request, ResponseHead head, std::string_view body,
                                         std::size_t row) {
  if (!request.stream && says_event_stream(head)) set_type(head, "application/json");
  const std::string cost = outcome_.trail.cost_usd();
  if (!cost.empty()) head.fields.push_back({"x-triage-cost-usd", cost});
  std::string events = request.stream ? client_->as_stream(request, body) : std::string();
  if (events.empty()) {
    if (exchange_.begun())  // a comment was sent, so the client expects events
      co_return Error{ErrorCode::upstream_bad_response, "the provider did not answer with a stream of events"};
    co_await outcome_.end_ok(row, head.status);
    const auto sent = co_await exchange_.respond(std::move(head), body);
    co_return sent;
  }
  set_type(head, stream_type());
  set_default(head, "cache-control", "no-cache");
  co_await outcome_.end_ok(row, head.status);
  auto sent = co_await exchange_.begin(std::move(head), std::nullopt, events);
  if (sent) sent = co_await exchange_.finish(client_->stream_end());
  co_return sent;
}

Async<Result<void>> Response::release(const ApiRequest& request, const Hold& held, std::size_t hidden_bytes,
                                      bool drop_logprobs) {
  std::string edited;
  std::string_view bytes = held.bytes();
  const Completion& said = held.said();
  if (hidden_bytes > 0 || (drop_logprobs && !said.logprobs.empty())) {
    const AnswerEdit edit{said.text.size() - std::min(said.text.size(), hidden_bytes), drop_logprobs};
    edited = held.streamed() ? edited_events(bytes, edit) : edited_answer(bytes, edit);
    bytes = edited;
  }
  const std::size_t row = held.row();
  outcome_.hide(row, hidden_bytes);
  answer_begins(row, held.answered());
  ResponseHead head = head_of(held.answer());
  const std::string attempts = std::to_string(outcome_.trail.size());
  for (Field& field : head.fields)
    if (field.name == "x-triage-attempts") field.value = attempts;
  if (!held.streamed()) {
    const auto sent = co_await send_whole(request, std::move(head), bytes, row);
    co_return sent;
  }
  if (!is_event_stream(stream_type())) set_type(head, stream_type());
  set_default(head, "cache-control", "no-cache");
  const std::string cost = outcome_.trail.cost_usd();
  if (!cost.empty()) head.fields.push_back({"x-triage-cost-usd", cost});
  const int status = head.status;
  auto sent = co_await exchange_.begin(std::move(head), std::nullopt, bytes);
  if (!sent) co_return sent;
  co_await outcome_.end_ok(row, status);
  sent = co_await exchange_.finish(held.answer().gave_end() ? std::string_view() : client_->stream_end());
  co_return sent;
}

Async<void> Response::fail_stream(std::string body) {
  std::string event;
  if (broken_ != nullptr) event = broken_->failure(body);
  if (event.empty()) event = client_->error_event(body);
  co_await exchange_.finish(event);
}

Async<void> Response::fail(const Failure& failure) {
  const bool begun = exchange_.begun();
  const ErrorCode code = failure.code();
  const bool gone = code == ErrorCode::client_gone;
  const int status = begun ? 200 : failure.reply ? failure.reply->status : gone ? 0 : traits(code).status;
  co_await outcome_.end_failed(failure, status);
  if (gone) co_return exchange_.abort();
  std::string body = failure.reply ? client_->reply_body(failure.reply->status, failure.reply->body)
                                   : client_->error_body(failure.error);
  if (begun) {
    co_await fail_stream(std::move(body));
    co_return;
  }
  ResponseHead head;
  head.status = status;
  if (failure.reply)
    for (const auto& [name, value] : failure.reply->fields) head.fields.push_back({name, value});
  add_experiment_fields(head.fields, outcome_.facts.assigned);
  std::string storage;
  add_error_fields(head, failure.error, storage);
  co_await exchange_.respond(std::move(head), body);
}

}  // namespace triage
