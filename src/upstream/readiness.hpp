#pragma once
// Says when a socket becomes readable, writable, or broken. The socket is registered once, edge triggered, and stays
// watched for reading without another system call. Asio's public async_wait() costs an epoll_ctl each time, and
// async_read_some() a recvmsg that finds nothing: one in four system calls of a proxied request. So this speaks to
// Asio's reactor itself (asio::detail).
//
// Edge triggered means: what was said once is not said again, unless the socket was emptied (filled) in between.

#include "triage/async.hpp"

#include <memory>

namespace triage::upstream {

class Readiness {
 public:
  /// Called on the loop, from no other call of this object. May destroy it.
  class Listener {
   public:
    /// Bytes came, or the end.
    virtual void on_readable() = 0;
    /// After watch_writes(). May come without a reason.
    virtual void on_writable() = 0;
    /// An error (RST) may stand behind the bytes that can be read, or urgent data came. Once.
    virtual void on_exception() = 0;

   protected:
    ~Listener() = default;
  };

  /// `handle` must be non-blocking, and stay open as long as this object lives.
  Readiness(asio::io_context& io, int handle, Listener& listener);
  Readiness(const Readiness&) = delete;
  Readiness& operator=(const Readiness&) = delete;
  ~Readiness();

  /// One on_writable() follows. To be called after the socket was found full. Idempotent until then.
  void watch_writes();

 private:
  struct Registration;
  std::unique_ptr<Registration> registration_;
};

}  // namespace triage::upstream
