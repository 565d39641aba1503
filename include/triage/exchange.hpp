#pragma once
// One request and its one response, as a handler sees them. http::Session implements it over a socket; unit tests fake
// it.

#include "triage/async.hpp"
#include "triage/body_padding.hpp"
#include "triage/cancellation.hpp"
#include "triage/error.hpp"
#include "triage/message.hpp"
#include "triage/web_socket.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace triage {

/// What the requests of one gateway key take of what all keys share, over all loops. Thread safe; outlives its
/// requests.
struct KeyShare {
  std::atomic<std::int64_t> bodies_coming{0};  ///< requests whose body has not come whole
  std::atomic<std::int64_t> body_bytes{0};     ///< of bodies in memory, as limits.bodies_total counts them
  std::atomic<std::int64_t> web_sockets{0};    ///< open
};

class Exchange {
 public:
  virtual ~Exchange() = default;

  [[nodiscard]] virtual const RequestHead& head() const noexcept = 0;

  /// `req_...`, unique, sent to the client as x-request-id.
  [[nodiscard]] virtual std::string_view id() const noexcept = 0;

  /// When the first byte of the request arrived.
  [[nodiscard]] virtual std::chrono::steady_clock::time_point started() const noexcept = 0;

  /// The client's address as text, without the port; empty: not known (any more).
  [[nodiscard]] virtual std::string client_address() { return {}; }

  /// The body counts towards `share`, which is bounded (limits.key_share). Called before the body is read, if at all.
  virtual void count_for(KeyShare& share) noexcept { static_cast<void>(share); }

  /// Reads the whole body into memory, followed by body_padding readable bytes; valid until the exchange ends.
  /// Sends `100 Continue` if the client waits for it. Errors: body_too_large, request_timeout, malformed_http,
  /// overloaded, client_gone.
  virtual Async<Result<std::string_view>> read_body() = 0;

  /// `body`, which read_body() returned, without its Content-Encoding: itself if it has none. Valid until the exchange
  /// ends, and bounded like a body. Errors: unsupported_content_coding, invalid_value (it is not what it says),
  /// body_too_large, overloaded.
  virtual Result<std::string_view> decoded_body(std::string_view body) { return body; }

  /// Reads the next piece of the body; empty at its end. Valid until the next call. Not to be mixed with read_body().
  virtual Async<Result<std::string_view>> read_body_some() = 0;

  /// Sends a whole response in one write, adding x-request-id and framing. For HEAD it keeps the length and drops the
  /// body.
  virtual Async<Result<void>> respond(ResponseHead head, std::string_view body) = 0;

  /// Starts a streamed response; `first` goes out in the same write as the head. Without `length` the body is chunked
  /// (HTTP/1.0: ended by closing). Then call write() any number of times, and finish() or abort() once.
  virtual Async<Result<void>> begin(ResponseHead head, std::optional<std::uint64_t> length, std::string_view first) = 0;

  /// Sends one piece at once. Returns when the kernel has taken it, which is the back-pressure.
  virtual Async<Result<void>> write(std::string_view piece) = 0;

  /// Sends `last`, if any, and ends the body properly, in one write.
  virtual Async<Result<void>> finish(std::string_view last = {}) = 0;

  /// Cuts the connection, so that the client can tell that the body is incomplete.
  virtual void abort() noexcept = 0;

  /// From now on, sends `filler` whenever nothing was sent for `silence`. If the response has not begun within
  /// `first`, begins it with `head` and `filler`. Stops with the response; a second call replaces the first. `head`'s
  /// views and `filler` must outlive the response.
  virtual void fill_silence(ResponseHead head, std::chrono::milliseconds first, std::chrono::milliseconds silence,
                            std::string_view filler) = 0;

  /// Answers a request for a WebSocket with 101, `head`'s fields and, unless it is empty, the subprotocol. Afterwards
  /// the response has begun, and the exchange is over when the handler returns. `stopping` is called once, with the
  /// code of the close frame to send, when the gateway stops: the connection should end soon. The result lives as long
  /// as the exchange. Errors: client_gone, shutting_down.
  virtual Async<Result<WebSocket*>> accept(ResponseHead head, std::string_view subprotocol, const SocketLimits& limits,
                                           std::function<void(std::uint16_t code)> stopping);

  /// True once any byte of the response's head has been handed to the socket: the status can no longer change.
  [[nodiscard]] virtual bool begun() const noexcept = 0;

  /// Fires when the client goes away after its body was read, or when the gateway stops and waits no longer: reason()
  /// tells which. In the latter case the client is still there and can be told.
  virtual Cancellation& gone() noexcept = 0;
};

/// Answers one request. It must end the exchange: by respond(), or by begin() and then finish() or abort().
class Handler {
 public:
  virtual ~Handler() = default;
  virtual Async<void> handle(Exchange& exchange) = 0;
};

}  // namespace triage
