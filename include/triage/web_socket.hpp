#pragma once
// One WebSocket connection behind its handshake (RFC 6455), the client's or the provider's. src/websocket implements
// it; unit tests fake it.

#include "triage/async.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace triage {

struct SocketLimits {
  std::size_t message = 16 * 1024 * 1024;          ///< bytes of one message from the peer
  std::chrono::milliseconds write_stall{30'000};   ///< for one message that the peer does not read
  std::chrono::milliseconds silence{15'000};       ///< then the peer is pinged, and given up after as long again
  std::chrono::milliseconds close_timeout{2'000};  ///< for the peer's answer to a close frame
};

struct SocketMessage {
  std::string_view bytes;
  bool text = true;  ///< false: binary
};

/// The status codes of close frames (RFC 6455, 7.4) that the gateway itself gives.
namespace close_code {
inline constexpr std::uint16_t normal = 1000;
inline constexpr std::uint16_t going_away = 1001;
inline constexpr std::uint16_t none = 1005;  ///< the frame has no code; never sent as such
inline constexpr std::uint16_t policy = 1008;
inline constexpr std::uint16_t too_big = 1009;
inline constexpr std::uint16_t internal_error = 1011;
inline constexpr std::uint16_t service_restart = 1012;
inline constexpr std::uint16_t try_again_later = 1013;
}  // namespace close_code

/// How a connection ended.
struct SocketEnd {
  enum class How : std::uint8_t {
    closed,     ///< the peer sent a close frame, with this code and reason
    cut,        ///< without one
    silent,     ///< the peer did not answer a ping in time
    stalled,    ///< it did not read in time
    too_large,  ///< it sent a message larger than SocketLimits::message
    broken      ///< it sent what RFC 6455 does not allow
  };
  How how = How::cut;
  std::uint16_t code = close_code::none;
  std::string reason = {};  ///< UTF-8
};

/// Pings of the peer are answered while a read() is pending. One read() and one write() may be pending at a time, and a
/// close() beside them.
class WebSocket {
 public:
  virtual ~WebSocket() = default;

  /// Waits for a whole message. Its bytes are followed by body_padding readable ones and valid until the next read().
  /// nullopt: the connection has ended, as end() says.
  virtual Async<std::optional<SocketMessage>> read() = 0;

  /// Sends a message in one frame. Returns when the kernel has taken it, which is the back-pressure. False: the
  /// connection has ended.
  virtual Async<bool> write(SocketMessage message) = 0;

  /// Sends a close frame, and waits a bounded time for the peer's; then the connection is cut. The first 123 bytes of
  /// the reason are sent. Idempotent.
  virtual Async<void> close(std::uint16_t code, std::string_view reason) = 0;

  /// Ends whatever is pending. Idempotent.
  virtual void cut() noexcept = 0;

  /// Valid once read() has returned nullopt.
  [[nodiscard]] virtual const SocketEnd& end() const noexcept = 0;
};

}  // namespace triage
