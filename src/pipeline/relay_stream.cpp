// A stream of events from a provider to a client. Events that came in one read leave in one write; nothing waits for
// more. The stream ends in one of three ways:
//
//   [DONE]                                 sent on, and the response ends
//   every choice said why it finished      [DONE] is added: the answer is whole, however the provider hung up
//   anything else                          an error event, and no [DONE]: a cut answer must not look whole
#include "base/deadline.hpp"
#include "http1/sse_reader.hpp"
#include "openai/error_body.hpp"
#include "pipeline/attempt.hpp"

namespace triage {
namespace {

using Act = StreamDecoder::Act;
using Clock = RequestRecord::Clock;

constexpr std::string_view done_event = "data: [DONE]\n\n";
constexpr std::size_t copied_event_bytes = 16 * 1024;  // a larger event is sent from where it lies
constexpr std::chrono::milliseconds grace{3'000};      // for usage and [DONE] behind the last finish_reason

class StreamRelay {
 public:
  explicit StreamRelay(Attempt& attempt)
      : attempt_(attempt),
        context_(attempt.context()),
        target_(attempt.target()),
        provider_(*target_.deployment->provider),
        reply_(attempt.reply()),
        reader_(context_.snapshot.spec.limits.event.bytes),
        decoder_(target_.deployment->dialect->stream_decoder(attempt.request())),
        hang_up_(context_.deadlines, [&attempt] { attempt.cancel(); }) {}

  Async<Result<void>> run();
  /// For the record: what has come of the answer.
  void note_seen() const {
    attempt_.seen = {decoder_->usage(), std::string(decoder_->finish_reason()), decoder_->output_estimate()};
  }

 private:
  Async<Result<void>> relay_piece(std::string_view piece);
  Async<Result<void>> take(const SseReader::Event& event);
  Async<Result<void>> send(std::string_view bytes);
  Async<Result<void>> flush();
  Async<Result<void>> end();

  Attempt& attempt_;
  Context& context_;
  const Target& target_;
  const Provider& provider_;
  Reply& reply_;
  SseReader reader_;
  std::unique_ptr<StreamDecoder> decoder_;
  Deadline hang_up_;
  std::string out_;
  bool begun_ = false;
  bool done_ = false;
};

Async<Result<void>> StreamRelay::run() {
  while (!done_) {
    const auto piece = co_await reply_.next();
    if (!piece) {
      // Cut, or hung up on by us for dawdling: no harm once the answer is whole.
      if (!decoder_->complete() || context_.exchange.gone().fired()) co_return piece.error();
      break;
    }
    if (piece->empty()) {
      const auto last = reader_.finish();
      if (!last) co_return last.error();
      if (*last) {
        const auto taken = co_await take(**last);
        if (!taken) co_return taken;
      }
      break;
    }
    if (context_.record.first_byte == Clock::time_point()) context_.record.answered = Clock::now();
    const auto relayed = co_await relay_piece(*piece);
    if (!relayed) co_return relayed;
    if (decoder_->complete() && !hang_up_.armed()) hang_up_.set_in(grace);
  }
  co_return co_await end();
}

Async<Result<void>> StreamRelay::relay_piece(std::string_view piece) {
  reader_.feed(piece);
  while (!done_) {
    const auto event = reader_.next();
    if (!event) {
      context_.snapshot.event_hits->add();
      co_await flush();
      co_return event.error();
    }
    if (!*event) break;
    const auto taken = co_await take(**event);
    if (!taken) co_return taken;
  }
  if (done_) co_return Result<void>();  // what is left goes out with the end
  const auto flushed = co_await flush();
  co_return flushed;
}

Async<Result<void>> StreamRelay::take(const SseReader::Event& event) {
  const auto act = decoder_->on_event(event.data);
  if (!act) {
    co_await flush();  // what came before it is good
    Error error = act.error();
    mask(error.message, secrets_of(provider_));
    co_return error;
  }
  if (*act == Act::done) done_ = true;
  if (*act != Act::forward) co_return Result<void>();
  if (event.raw.size() <= copied_event_bytes) {
    out_.append(event.raw);
    co_return Result<void>();
  }
  auto sent = co_await flush();
  if (sent) sent = co_await send(event.raw);
  co_return sent;
}

// The head waits for the first event, so that an answer that turns out to be none can still be asked for elsewhere.
Async<Result<void>> StreamRelay::send(std::string_view bytes) {
  if (begun_) {
    const auto sent = co_await attempt_.out().write(bytes);
    co_return sent;
  }
  begun_ = true;
  attempt_.answer_begins();
  ResponseHead head = client_head(reply_, target_);
  if (!find_field(head.fields, "cache-control")) head.fields.push_back({"cache-control", "no-cache"});
  const auto begun = co_await attempt_.out().begin(std::move(head), bytes);
  co_return begun;
}

Async<Result<void>> StreamRelay::flush() {
  if (out_.empty()) co_return Result<void>();
  const auto sent = co_await send(out_);
  out_.clear();
  co_return sent;
}

Async<Result<void>> StreamRelay::end() {
  if (!done_ && !decoder_->complete()) {
    co_await flush();
    co_return Error{ErrorCode::upstream_truncated, "the provider's stream ended before its answer did"};
  }
  if (!begun_ && out_.empty())
    co_return Error{ErrorCode::upstream_bad_response, "the provider's stream ended before its first event"};
  Result<void> sent;
  if (!begun_) sent = co_await flush();
  if (sent) {
    note_seen();
    attempt_.complete();
    out_.append(done_event);
    sent = co_await attempt_.out().finish(out_);
  }
  // The end of the provider's body, so that its connection can serve others; it is not waited for long.
  hang_up_.set_in(std::chrono::milliseconds(500));
  for (;;) {
    const auto rest = co_await reply_.next();
    if (!rest || rest->empty()) break;
  }
  co_return sent;
}

}  // namespace

Async<Result<void>> relay_stream(Attempt& attempt) {
  StreamRelay relay(attempt);
  const auto relayed = co_await relay.run();
  relay.note_seen();
  co_return relayed;
}

}  // namespace triage
