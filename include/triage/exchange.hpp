#pragma once
// One request and its one response, as a handler sees them. http::Session implements it over a socket; unit tests fake
// it.

#include "triage/async.hpp"
#include "triage/body_padding.hpp"
#include "triage/cancellation.hpp"
#include "triage/error.hpp"
#include "triage/message.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace triage {

class Exchange {
 public:
  virtual ~Exchange() = default;

  [[nodiscard]] virtual const RequestHead& head() const noexcept = 0;

  /// `req_...`, unique, sent to the client as x-request-id.
  [[nodiscard]] virtual std::string_view id() const noexcept = 0;

  /// When the first byte of the request arrived.
  [[nodiscard]] virtual std::chrono::steady_clock::time_point started() const noexcept = 0;

  /// The whole body, in memory, followed by body_padding readable bytes; valid until the exchange ends.
  /// Sends `100 Continue` when the client waits for it. Errors: body_too_large, request_timeout, malformed_http,
  /// client_gone.
  virtual Async<Result<std::string_view>> read_body() = 0;

  /// The next piece of the body as it arrives; empty at its end. Valid until the next call. Not mixed with read_body().
  virtual Async<Result<std::string_view>> read_body_some() = 0;

  /// Sends a whole response, in one write. HEAD keeps the length and drops the body. Adds x-request-id and framing.
  virtual Async<Result<void>> respond(ResponseHead head, std::string_view body) = 0;

  /// Starts a streamed response; `first` goes out in the same write as the head. Without `length` the body is chunked
  /// (HTTP/1.0: ended by close). After it comes write()* and then finish() or abort().
  virtual Async<Result<void>> begin(ResponseHead head, std::optional<std::uint64_t> length, std::string_view first) = 0;

  /// Sends one piece, at once. Returns when the kernel has taken it: back-pressure.
  virtual Async<Result<void>> write(std::string_view piece) = 0;

  /// Sends `last`, if any, and ends the body properly, in one write.
  virtual Async<Result<void>> finish(std::string_view last = {}) = 0;

  /// Cuts the connection so that the client can tell that the body is not complete.
  virtual void abort() noexcept = 0;

  /// From now on, whenever nothing was sent for `silence`, sends an SSE comment. A response that has not begun `first`
  /// from now is begun with `head`, and the comment. Ends with the response; called again, it replaces what was said
  /// before. `head`'s views must outlive it.
  virtual void fill_silence(ResponseHead head, std::chrono::milliseconds first, std::chrono::milliseconds silence) = 0;

  /// True once any byte of the response's head has been handed to the socket: from then on no other status can be sent.
  [[nodiscard]] virtual bool begun() const noexcept = 0;

  /// Fires when the client goes away, in any phase after its body was read, or when the gateway stops and will not wait
  /// any longer: reason() tells which. In the latter case the client is there, and can be told.
  virtual Cancellation& gone() noexcept = 0;
};

/// Answers one request. Must end it: respond(), or begin() and finish() or abort().
class Handler {
 public:
  virtual ~Handler() = default;
  virtual Async<void> handle(Exchange& exchange) = 0;
};

}  // namespace triage
