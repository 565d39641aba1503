#pragma once
// One call to one deployment for a request, and what its failure means. attempts.cpp makes as many as Failover says.

#include "pipeline/answer_out.hpp"
#include "pipeline/failover.hpp"
#include "pipeline/steps.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace triage {

/// A provider's own error, ready for the client: OpenAI's shape, no secrets.
struct ProviderError {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
};

struct AttemptFailure {
  AttemptFailed what;
  Error error;                         ///< for the client, if there is no `reply`
  std::optional<ProviderError> reply;  ///< to be passed on as it is
};

/// open(), then deliver() unless that has failed. What it refers to must outlive it; it stays where it is.
class Attempt {
 public:
  Attempt(Context& context, const ApiRequest& request, AnswerOut& out, const Target& target, AttemptCause cause,
          Purpose purpose = Purpose::answer);
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;
  ~Attempt();  ///< not ended: counts as cancelled

  /// Sends the call and waits until its answer begins: for the head, and with `read_ahead` for the first bytes behind
  /// it. `final_choice`: no other deployment can be asked after this one.
  Async<void> open(const CallTimeouts& timeouts, bool final_choice, bool read_ahead);

  /// Relays the answer. Without a failure its `out` has it whole.
  Async<void> deliver();

  /// Ends open() or deliver() soon, with a failure.
  void cancel() { cancellation_.fire(); }

  /// A failure has told the client nothing, unless `context.answering`.
  [[nodiscard]] std::optional<AttemptFailure>& failure() noexcept { return failure_; }

  // For the relays.

  [[nodiscard]] Context& context() const noexcept { return context_; }
  [[nodiscard]] const ApiRequest& request() const noexcept { return request_; }
  [[nodiscard]] const Target& target() const noexcept { return target_; }
  [[nodiscard]] Reply& reply() const noexcept { return *reply_; }
  [[nodiscard]] AnswerOut& out() const noexcept { return out_; }

  /// What has come of the answer, to be filled in before an error is returned.
  AnswerReport seen;

  /// The answer's first byte has come and is about to go to its `out`.
  void answer_begins();
  /// The answer has come whole. Its last bytes go to its `out` afterwards.
  void complete();

 private:
  void fail(AttemptFailure failure);
  void end(RowEnd row, Outcome outcome);
  [[nodiscard]] AttemptRecord& row() const noexcept { return context_.record.attempts[row_]; }

  Context& context_;
  const ApiRequest& request_;
  AnswerOut& out_;
  Target target_;
  Purpose purpose_;
  std::size_t row_;
  RequestRecord::Clock::time_point began_;
  RequestRecord::Clock::time_point opened_;
  Cancellation cancellation_;
  EncodedCall encoded_;
  std::unique_ptr<Reply> reply_;
  std::optional<AttemptFailure> failure_;
  bool final_choice_ = false;
  bool ended_ = false;
};

/// Calls `targets` until one has answered, along `path`. What is returned is the last failure: the client was told
/// nothing of it, unless `context.answering`.
Async<std::optional<AttemptFailure>> try_targets(Context& context, AnswerPath& path, const LiveRoute* route,
                                                 const std::vector<Target>& targets, AttemptCause cause);

/// Starts a stream's answer `within` from now, unless it has begun by then: the client must hear something. It is told
/// of `target` only if no other may answer in the end (`final_choice`).
void promise_stream(Context& context, const Target& target, bool final_choice, std::chrono::milliseconds within);

/// Tells the client of a failure that is the provider's own words; any other is returned.
Async<Result<void>> give_up(Context& context, const AttemptFailure& failure);

/// A route's time-outs for one call that must fit in `left`.
CallTimeouts timeouts_within(const TimeoutsSpec& spec, std::chrono::milliseconds left);

/// Until the route's deadline, or the client's own if that is sooner; negative: it has passed.
std::chrono::milliseconds time_left(const Context& context, const TimeoutsSpec& spec);

/// What may be done about an error of the way out, or of an answer.
Remedy remedy_for(const Error& error) noexcept;

/// The same for a status of 300 and more; `body` tells a prompt that is too long from other refusals.
Remedy remedy_for_status(int status, std::string_view body) noexcept;

/// What `retry-after-ms` or `Retry-After` ask for (RFC 9110, 10.2.3); nullopt if neither says anything sensible.
std::optional<std::chrono::milliseconds> asked_pause(const std::vector<Field>& fields, std::time_t now);

/// Reads a provider's error to its end.
Async<ProviderError> read_error(const Target& target, Reply& reply);

/// Sends it on, as a reply or as the last event of a stream that has begun.
Async<Result<void>> send_error(Context& context, const ProviderError& error);

/// Streams a provider's events as they come (relay_stream.cpp).
Async<Result<void>> relay_stream(Attempt& attempt);

/// Passes on a provider's whole answer (relay_whole.cpp).
Async<Result<void>> relay_whole(Attempt& attempt);

}  // namespace triage
