#pragma once
// The only way to the network. src/upstream implements it over sockets; unit tests fake it.

#include "triage/async.hpp"
#include "triage/cancellation.hpp"
#include "triage/error.hpp"
#include "triage/message.hpp"
#include "triage/spec.hpp"
#include "triage/web_socket.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

class Exchange;

/// A request to a provider, complete except for framing: the upstream adds Host, Content-Length or Transfer-Encoding,
/// and Connection. The views must live until the reply's head has come.
struct HttpCall {
  std::string_view method = "POST";
  std::string target;                  ///< origin-form: base URL's path + API path + query
  std::vector<Field> fields;           ///< no hop-by-hop field, no framing, the provider's credentials included
  std::vector<std::string_view> body;  ///< sent one after the other, not copied

  /// When set, `body` is empty and the body is pulled from here; `body_length` unknown means chunked.
  Exchange* body_source = nullptr;
  std::optional<std::uint64_t> body_length;

  /// May be sent again on a fresh connection if a pooled one dies before any byte of the answer.
  bool replayable = true;
};

/// When to give up on a call. All are counted from send(), except `idle`, which is the silence between bytes, and
/// `first_event`.
struct CallTimeouts {
  std::chrono::milliseconds connect{2'000};
  std::chrono::milliseconds first_byte{30'000};  ///< until the first byte of the reply
  std::chrono::milliseconds idle{30'000};
  std::chrono::milliseconds total{300'000};
  /// Until the first byte behind the head; absent: `idle` counts there too.
  std::optional<std::chrono::milliseconds> first_piece{};
  /// From a stream's head to its first event, for whoever reads events; the upstream does not.
  std::chrono::milliseconds first_event{300'000};
};

/// An answer that has begun. Destroying it before its end closes the connection and so cancels the call.
class Reply {
 public:
  virtual ~Reply() = default;

  [[nodiscard]] virtual const ResponseHead& head() const noexcept = 0;
  /// The declared length of the body, if any.
  [[nodiscard]] virtual std::optional<std::uint64_t> content_length() const noexcept = 0;

  /// Returns the next bytes of the body, framing removed; empty at its proper end. They are valid until the next call
  /// and followed by body_padding readable bytes. Errors: upstream_truncated, upstream_bad_response,
  /// upstream_idle_timeout, upstream_total_timeout, client_gone.
  virtual Async<Result<std::string_view>> next() = 0;
};

/// A provider's answer to the request for a WebSocket.
struct SocketAnswer {
  std::unique_ptr<WebSocket> socket;  ///< null: the provider has declined
  std::unique_ptr<Reply> reply;       ///< its head says 101 if there is a socket, and then it has no body
};

class Upstream {
 public:
  virtual ~Upstream() = default;

  /// Sends `call` to `provider` and waits for the head of its final answer (1xx are consumed). `gone` cancels the call,
  /// even later while the reply is read, so it must outlive the reply.
  virtual Async<Result<std::unique_ptr<Reply>>> send(const Provider& provider, const HttpCall& call,
                                                     const CallTimeouts& timeouts, Cancellation& gone) = 0;

  /// Asks `provider` for a WebSocket, on a connection of its own. Of `call` the target and the fields count, and of
  /// these what belongs to the handshake itself is left out, except Sec-WebSocket-Protocol. Of `timeouts` connect and
  /// first_byte count, until the provider has answered; `gone` cuts the connection as long as it lives.
  virtual Async<Result<SocketAnswer>> open(const Provider& provider, const HttpCall& call, const CallTimeouts& timeouts,
                                           Cancellation& gone, const SocketLimits& limits);
};

}  // namespace triage
