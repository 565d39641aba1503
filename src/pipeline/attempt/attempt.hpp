#pragma once
// One call to one deployment, and its answer as it comes:
//
//   open()   the call is sent, its reply's head has come             -- failure()
//   begin()  its first event has come, or the whole of an answer     -- failure()
//   next(), wait()   the rest; a later failure is returned, and also in failure()
//
// It writes its own row of the trail and nothing else. If destroyed before the end, it closes the connection and counts
// as cancelled.

#include "answer/tally.hpp"
#include "base/buffer.hpp"
#include "openai/event_edit.hpp"
#include "pipeline/attempt/answer_stream.hpp"
#include "pipeline/attempt/failure.hpp"
#include "pipeline/attempt/scope.hpp"
#include "pipeline/attempt/trail.hpp"
#include "pipeline/attempt/translation.hpp"
#include "triage/dialect.hpp"

#include <memory>
#include <optional>
#include <string>

namespace triage {

/// What to ask of which target, and how much of the answer to read while passing it on.
struct AttemptCall {
  const ApiRequest& request;
  Target target;
  AttemptCause cause = AttemptCause::first;
  Purpose purpose = Purpose::answer;
  bool own_words = false;    ///< `request` is not the client's own, so its tokens must be estimated separately
  std::size_t said_max = 0;  ///< bytes of the answer's text to keep in the trail; 0: none is read
  Additions added = 0;       ///< what `request` asks for and the client did not
};

/// How a call ended, as breakers see it.
struct CallEnd {
  Outcome outcome = Outcome::ok;
  std::optional<std::chrono::milliseconds> retry_after = {};  ///< how long the deployment should not be called
  bool asked = false;                                         ///< the provider asked for that
  bool hurried = false;                                       ///< the client's own time-out cut it
  bool head = true;                                           ///< the head of an answer came
  bool no_head = false;                                       ///< none came, and that is the host's fault
};

/// Tells the deployment's breaker, and that of its host, which only has to answer at all.
void report(const LiveDeployment& deployment, const CallEnd& end);

/// What a stream's events tell besides the answer itself, for continuing it if it breaks off.
struct AnswerTrace {
  StreamIdentity identity;
  bool role = false;
  bool plain = true;      ///< there was nothing but text of one choice
  bool logprobs = false;  ///< except log-probabilities
};

class Attempt final : public AnswerStream {
 public:
  using Clock = Trail::Clock;

  Attempt(const Scope& scope, Trail& trail, const AttemptCall& call);
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;
  ~Attempt() override;

  /// Sends the call and waits for the head; with `read_ahead`, also for the first bytes after it.
  Async<void> open(CallTimeouts timeouts, bool read_ahead);
  Async<void> begin();

  [[nodiscard]] MaybeFailure& failure() noexcept { return failure_; }
  [[nodiscard]] bool asks_for_stream() const noexcept { return request_.stream; }

  Result<const AnswerEvent*> next() override;
  [[nodiscard]] bool ended() const noexcept override { return ended_; }
  Async<Result<void>> wait() override;
  void cancel() override { cancellation_.fire(); }
  [[nodiscard]] std::size_t row() const noexcept override { return row_; }

  /// What can tell the client of the failure of a stream, AnswerDecoder::failure(); null: it did not begin as one.
  [[nodiscard]] std::unique_ptr<AnswerDecoder> take_decoder() noexcept { return std::move(decoder_); }

  /// Reads what follows the end of the answer, for a moment, so that the connection can serve other calls.
  Async<void> drain();

  /// Notes in the row that the answer is not good enough. No more of it is read.
  void reject(std::string why);

  // These are for an answer that has begun.
  [[nodiscard]] const Reply& reply() const noexcept { return *reply_; }
  [[nodiscard]] bool streamed() const noexcept { return decoder_ != nullptr; }
  /// Whether the events that were returned contain the provider's own end mark.
  [[nodiscard]] bool gave_end() const noexcept { return gave_end_; }
  [[nodiscard]] const Target& target() const noexcept { return row_of().target; }
  [[nodiscard]] const Completion& said() const noexcept { return row_of().said; }
  [[nodiscard]] const AnswerTrace& trace() const noexcept { return trace_; }

 private:
  enum class Part : std::uint8_t { opening, streaming, over };

  Async<void> begin_stream();
  Async<void> begin_undeclared();
  Async<void> begin_whole();
  Result<EncodedCall> encode();
  [[nodiscard]] bool translates() const noexcept { return translates_; }
  std::optional<Error> decode_whole(std::string_view body);
  void answer_begins();
  void take(const AnswerEvent& event);
  Result<void> take_piece(const Result<std::string_view>& piece);
  std::optional<Error> hold_back(const AnswerEvent& event);
  const AnswerEvent* with_preface(const AnswerEvent* event);
  void note(const AnswerEvent& event);
  [[nodiscard]] bool complete() const noexcept;
  [[nodiscard]] std::optional<Error> missing() const;
  Error broke(Error error);
  void finish();
  void fail(Failure failure);
  void end_row(AttemptEnd end, Outcome outcome, bool billed);
  void note_service(const std::optional<UsageReport>& reported);
  void estimate_missing(AttemptRecord& out) const;
  [[nodiscard]] std::int64_t input_estimate() const;
  [[nodiscard]] std::int64_t written_estimate() const;
  [[nodiscard]] bool hurried_by_client(ErrorCode code) const noexcept;
  void rest_key();
  void report_end(Outcome outcome) const;
  void learn_speed() const;
  [[nodiscard]] TrailRow& row_of() const noexcept { return trail_[row_]; }

  const Scope& scope_;
  Trail& trail_;
  const ApiRequest& request_;
  const std::size_t row_;
  const bool own_words_;
  const std::size_t said_max_;
  const Additions added_;
  const std::size_t key_;     // of its provider's several
  const Provider& provider_;  // to be called with it
  const Dialect* dialect_;    // in which it is asked
  const bool translates_;
  Clock::time_point opened_;
  Cancellation cancellation_;
  SeenRequest seen_;                          // the request as the target may see it
  std::unique_ptr<TurnCollector> collector_;  // of an answer that is passed on; null: nothing of it is kept
  EncodedCall encoded_;
  std::unique_ptr<Reply> reply_;
  std::unique_ptr<AnswerDecoder> decoder_;  // null: a whole answer
  Deadline hang_up_;
  std::chrono::milliseconds first_event_{};
  AnswerTally tally_;
  AnswerTrace trace_;
  std::unique_ptr<AnswerEvent> whole_;  // a whole answer, or a first event with what came before it
  Buffer storage_;                      // for a whole answer that came in pieces
  std::string preface_;                 // of a stream: what came before its first choice
  std::string preface_verbatim_;        // with the event that has it
  const AnswerEvent* first_ = nullptr;  // read by begin(), not yet returned by next()
  MaybeFailure failure_;
  bool given_ = false;     // an event was returned for the client
  bool gave_end_ = false;  // the provider's end mark was returned for the client
  bool says_ = false;      // a choice said something, or that it has ended
  bool late_ = false;      // none came in time
  bool unread_ = false;    // its bytes say nothing to us: its cost is not known
  bool body_ended_ = false;
  bool ended_ = false;
  bool row_ended_ = false;
};

}  // namespace triage
