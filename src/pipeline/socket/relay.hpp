#pragma once
// Messages of a client and of its provider, passed on both ways until one of them ends:
//
//   upward    client -> guard -> provider         downward  provider -> meter -> client
//
// One message at a time is under way in each direction, and the next is read when the last has been taken, so a side
// that does not read holds up the other. A close frame is passed on with its code.

#include "base/deadline.hpp"
#include "base/event.hpp"
#include "pipeline/socket/model_guard.hpp"
#include "pipeline/socket/socket_attempt.hpp"
#include "triage/web_socket.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace triage {

/// How a relay ended: by whom, and how.
struct RelayEnd {
  enum class By : std::uint8_t { client, provider, idle, stopping };
  By by = By::client;
  SocketEnd end = {};  ///< of that side, if it is one
  bool busy = false;   ///< in the middle of a response
};

class Relay {
 public:
  /// All references must outlive the relay.
  Relay(const Services& services, WebSocket& client, SocketAttempt& provider, const ModelGuard& guard,
        std::chrono::milliseconds idle);

  /// Runs to the end. `first`: an event of the client that was read already; its bytes as of WebSocket::read().
  Async<RelayEnd> run(std::optional<SocketMessage> first);

  /// The gateway stops: ends when no response is under way; with `now`, at once. `code` is for the client.
  void stop(std::uint16_t code, bool now);

 private:
  void start(Async<void> part);
  Async<void> upward(std::optional<SocketMessage> first);
  Async<void> downward();
  Async<void> pass_up(SocketMessage message);
  Async<bool> write_to_client(SocketMessage message);
  Async<void> close_both(std::uint16_t code, std::string reason);
  void heard() { idle_deadline_.set_in(idle_); }
  bool over(RelayEnd::By by, const SocketEnd& end);
  void give_up(RelayEnd::By by, std::uint16_t code, std::string reason);
  [[nodiscard]] std::string_view reason_for_client(const SocketEnd& end) const;

  const Services& services_;
  WebSocket& client_;
  SocketAttempt& provider_;
  const ModelGuard& guard_;
  const std::chrono::milliseconds idle_;
  Deadline idle_deadline_;
  Event changed_;
  Event client_free_;
  std::optional<RelayEnd> end_;
  std::optional<std::uint16_t> stopping_;
  std::string replaced_;  // an event with its model replaced
  int running_ = 0;       // coroutines besides run()
  std::exception_ptr failure_;
  bool writing_to_client_ = false;
};

}  // namespace triage
