#pragma once
// A WebSocket over Boost.Beast, for both roles. Extensions are neither offered nor accepted.

#include "base/deadline.hpp"
#include "triage/error.hpp"
#include "triage/message.hpp"
#include "triage/web_socket.hpp"
#include "websocket/bytes.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage::websocket {

/// What a server answered to the request for a WebSocket: 101, or why not.
struct HandshakeReply {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
};

class Socket final : public WebSocket {
 public:
  Socket(std::unique_ptr<Bytes> bytes, DeadlineWheel& deadlines, const SocketLimits& limits);
  ~Socket() override;

  /// Answers a client's request, which has no handshake_fault(), with 101, `fields` and, unless it is empty, the
  /// subprotocol. False: the client has left.
  Async<bool> accept(const RequestHead& request, const std::vector<Field>& fields, std::string_view subprotocol);

  /// Asks a server. Any answer is returned; with 101 it is the connection's beginning. Errors: upstream_truncated,
  /// upstream_bad_response, with what happened and without saying where.
  Async<Result<HandshakeReply>> connect(std::string_view host, std::string_view target,
                                        const std::vector<Field>& fields);

  Async<std::optional<SocketMessage>> read() override;
  Async<bool> write(SocketMessage message) override;
  Async<void> close(std::uint16_t code, std::string_view reason) override;
  void cut() noexcept override;
  [[nodiscard]] const SocketEnd& end() const noexcept override;

  /// Waits until the connection below has nothing pending. To be called after cut().
  Async<void> settled();

 private:
  struct Inside;
  std::shared_ptr<Inside> inside_;
};

}  // namespace triage::websocket
