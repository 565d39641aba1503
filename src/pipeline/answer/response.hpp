#pragma once
// The response to the client: the only way to it, in its own API. Ends the request's outcome before its last bytes, so
// that no answer ends whose record could be lost.

#include "pipeline/answer/hold.hpp"
#include "pipeline/attempt/attempt.hpp"
#include "pipeline/outcome/request_outcome.hpp"
#include "triage/client_api.hpp"
#include "triage/exchange.hpp"

#include <chrono>

namespace triage {

class Response {
 public:
  /// All of it must outlive this.
  Response(const Snapshot& snapshot, Exchange& exchange, RequestOutcome& outcome);

  /// The API that the client speaks; OpenAI's until it is known.
  void speak(const ClientApi& client) noexcept { client_ = &client; }

  /// Starts a stream's answer `within` from now, unless it has begun by then: the client must hear something. It is
  /// told of `target` only if no other may answer in the end (`last`).
  void expect_stream(const Target& target, bool last, std::chrono::milliseconds within);

  /// Whether a byte of an answer was sent: no other attempt can be made.
  [[nodiscard]] bool answering() const noexcept { return answering_; }

  /// Gives the client the answer of `opened` as it comes: `stream`, which is that attempt or a stream over it. An error
  /// has not been told to it.
  Async<Result<void>> deliver(const ApiRequest& request, Attempt& opened, AnswerStream& stream);

  /// Gives it one that is held. `hidden_bytes` at its text's end are cut off, and its log-probabilities with
  /// `drop_logprobs`.
  Async<Result<void>> release(const ApiRequest& request, const Hold& held, std::size_t hidden_bytes,
                              bool drop_logprobs);

  /// Tells it of a failure: an error reply, or the last event of a stream that has begun.
  Async<void> fail(const Failure& failure);

 private:
  class Delivery;

  void answer_begins(Trail::Clock::time_point answered);
  Async<Result<void>> send_whole(const ApiRequest& request, ResponseHead head, std::string_view body, std::size_t row);
  Async<void> fail_stream(std::string body);

  const Snapshot& snapshot_;
  Exchange& exchange_;
  RequestOutcome& outcome_;
  const ClientApi* client_;
  bool answering_ = false;
};

}  // namespace triage
