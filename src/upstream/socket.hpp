#pragma once
// A connected TCP socket whose reads and writes never wait. It knows whether trying to read is worth a system call, and
// tells its listener when that changes, even while the connection is idle, so that a close is noticed without asking. A
// reply that comes in one piece costs one recvmsg.

#include "triage/async.hpp"
#include "upstream/readiness.hpp"

#include <sys/uio.h>

#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <optional>

namespace triage::upstream {

/// The result of an attempt to move bytes.
struct Moved {
  enum class State : unsigned char { some, blocked, end, failed };
  State state = State::some;
  std::size_t bytes = 0;  ///< > 0 if and only if `some`
  int error = 0;          ///< errno, if `failed`
};

class Socket final : private Readiness::Listener {
 public:
  using Tcp = asio::basic_stream_socket<asio::ip::tcp, Executor>;

  /// Its functions are called on the loop, never from within a call of the socket. They may destroy the socket.
  class Listener {
   public:
    virtual void on_ready() = 0;

   protected:
    ~Listener() = default;
  };

  Socket(Tcp connected, Listener& listener);
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  /// Closes the socket, with RST if bytes are still unread, so that the peer notices at once.
  ~Socket();

  Moved receive(char* into, std::size_t room);
  Moved send(const iovec* pieces, std::size_t count);

  /// False: reading would certainly block.
  [[nodiscard]] bool readable() const noexcept { return readable_; }
  [[nodiscard]] bool writable() const noexcept { return writable_; }

  /// The listener is always called when readable() turns true, and, after this call, once when writable() does.
  void watch_writes();

 private:
  void on_readable() override;
  void on_writable() override;
  void on_exception() override;

  Listener& listener_;
  int handle_ = -1;
  bool tells_rest_ = false;  // the kernel tells with each read how much it left behind
  bool readable_ = false;
  bool writable_ = true;
  std::optional<Readiness> readiness_;
};

}  // namespace triage::upstream
