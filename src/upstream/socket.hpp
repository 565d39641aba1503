#pragma once
// A connected TCP socket whose reads and writes never wait. It knows whether an attempt to read is worth its system
// call, and tells its listener when it becomes worth it: also while the connection is idle, so that a close is noticed
// without asking.

#include "triage/async.hpp"

#include <sys/uio.h>

#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <memory>

namespace triage::out {

/// What came of an attempt to move bytes.
struct Moved {
  enum class State : unsigned char { some, blocked, end, failed };
  State state = State::some;
  std::size_t bytes = 0;  ///< > 0 if and only if `some`
  int error = 0;          ///< errno, if `failed`
};

class Socket {
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
  ~Socket();

  Moved receive(char* into, std::size_t room);
  Moved send(const iovec* pieces, std::size_t count);

  /// False: reading would block for certain. Kept up to date by watch_reads().
  [[nodiscard]] bool readable() const noexcept { return readable_; }
  [[nodiscard]] bool writable() const noexcept { return writable_; }

  /// The listener is called once when readable() (writable()) turns true.
  void watch_reads();
  void watch_writes();

  /// Closes with RST if bytes are still unsent or unread; the peer sees it at once.
  void close() noexcept;
  [[nodiscard]] bool open() const noexcept { return tcp_.is_open(); }

 private:
  struct Guard {
    Socket* socket;
  };

  Tcp tcp_;
  Listener& listener_;
  std::shared_ptr<Guard> guard_;  // a completion that was under way when the socket was destroyed finds null
  bool readable_ = false;
  bool writable_ = true;
  bool watching_reads_ = false;
  bool watching_writes_ = false;
};

}  // namespace triage::out
