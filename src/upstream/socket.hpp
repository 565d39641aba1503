#pragma once
// A connected TCP socket whose reads and writes never wait. It knows whether an attempt to read is worth its system
// call, and tells its listener when it becomes worth it: also while the connection is idle, so that a close is noticed
// without asking. A reply that comes in one piece costs one recvmsg.

#include "triage/async.hpp"
#include "upstream/readiness.hpp"

#include <sys/uio.h>

#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <optional>

namespace triage::upstream {

/// What came of an attempt to move bytes.
struct Moved {
  enum class State : unsigned char { some, blocked, end, failed };
  State state = State::some;
  std::size_t bytes = 0;  ///< > 0 if and only if `some`
  int error = 0;          ///< errno, if `failed`
};

class Socket final : private Readiness::Listener {
 public:
  using Tcp = asio::basic_stream_socket<asio::ip::tcp, Executor>;

  /// Called on the loop, from no other call of the socket. May destroy the socket.
  class Listener {
   public:
    virtual void on_ready() = 0;

   protected:
    ~Listener() = default;
  };

  Socket(Tcp connected, Listener& listener);
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  /// Closes: with RST if bytes are still unread, so that the peer sees it at once.
  ~Socket();

  Moved receive(char* into, std::size_t room);
  Moved send(const iovec* pieces, std::size_t count);

  /// False: an attempt would be blocked for certain.
  [[nodiscard]] bool readable() const noexcept { return readable_; }
  [[nodiscard]] bool writable() const noexcept { return writable_; }

  /// The listener is called when readable() turns true, always; and once when writable() does, after this.
  void watch_writes();

 private:
  void on_readable() override;
  void on_writable() override;
  void on_exception() override;

  Listener& listener_;
  int handle_ = -1;
  bool tells_rest_ = false;  // the kernel says with each read all that it left behind
  bool readable_ = false;
  bool writable_ = true;
  std::optional<Readiness> readiness_;
};

}  // namespace triage::upstream
