#pragma once
// The response to the client, in its own API; strategies have no other way to the client. It ends the request's outcome
// before the last bytes, so that no client has a complete answer whose record could be lost.

#include "pipeline/answer/hold.hpp"
#include "pipeline/attempt/attempt.hpp"
#include "pipeline/outcome/request_outcome.hpp"
#include "triage/client_api.hpp"
#include "triage/exchange.hpp"

#include <chrono>
#include <memory>

namespace triage {

class Response {
 public:
  /// All arguments must outlive this object.
  Response(const Snapshot& snapshot, Exchange& exchange, RequestOutcome& outcome);

  /// Sets the API that the client speaks; until then it is OpenAI's.
  void speak(const ClientApi& client) noexcept { client_ = &client; }

  /// Starts the response of a stream `within` from now, unless it has begun by then, because the client must hear
  /// something. It names `target` only if no other target may answer in the end (`last`).
  void expect_stream(const Target& target, bool last, std::chrono::milliseconds within);

  /// Whether a byte of an answer was sent, so that no other attempt can be made.
  [[nodiscard]] bool answering() const noexcept { return answering_; }

  /// Sends the client the answer of `opened` as it comes. `stream` is that attempt, or a stream over it. The client has
  /// not been told of a returned error.
  Async<Result<void>> deliver(const ApiRequest& request, Attempt& opened, AnswerStream& stream);

  /// Sends the client a held answer, without the last `hidden_bytes` of its text, and with `drop_logprobs` without its
  /// log-probabilities.
  Async<Result<void>> release(const ApiRequest& request, const Hold& held, std::size_t hidden_bytes,
                              bool drop_logprobs);

  /// Tells the client of a failure: by an error reply, or by the last event of a stream that has begun.
  Async<void> fail(const Failure& failure);

 private:
  class Delivery;

  void answer_begins(std::size_t row, Trail::Clock::time_point answered);
  [[nodiscard]] std::string_view stream_type() const;
  [[nodiscard]] ResponseHead head_of(const Attempt& opened) const;
  Async<Result<void>> send_whole(const ApiRequest& request, ResponseHead head, std::string_view body, std::size_t row);
  Async<void> fail_stream(std::string body);

  const Snapshot& snapshot_;
  Exchange& exchange_;
  RequestOutcome& outcome_;
  const ClientApi* client_;
  std::unique_ptr<AnswerDecoder> broken_;  // of the stream that broke off, if one did
  bool answering_ = false;
};

}  // namespace triage
