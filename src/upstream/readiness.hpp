#pragma once
// Says when a socket becomes readable, writable, or broken. The socket is registered once, edge triggered, and stays
// watched for reading without another system call. Asio's public async_wait() costs an epoll_ctl each time, and
// async_read_some() a recvmsg that finds nothing: one in four system calls of a proxied request. So this speaks to
// Asio's reactor itself (asio::detail).
//
// Edge triggered means: an event is not reported again unless the socket was emptied (or filled) in between.

#include "triage/async.hpp"

#include <memory>

namespace triage::upstream {

class Readiness {
 public:
  /// Its functions are called on the loop, never from within a call of this object. They may destroy it.
  class Listener {
   public:
    /// Bytes or the end have come.
    virtual void on_readable() = 0;
    /// Follows watch_writes(). May be called without a reason.
    virtual void on_writable() = 0;
    /// An error (RST) may follow the bytes that can be read, or urgent data came. Called once.
    virtual void on_exception() = 0;

   protected:
    ~Listener() = default;
  };

  /// `handle` must be non-blocking, and stay open as long as this object lives.
  Readiness(asio::io_context& io, int handle, Listener& listener);
  Readiness(const Readiness&) = delete;
  Readiness& operator=(const Readiness&) = delete;
  ~Readiness();

  /// Asks for one on_writable(). To be called after the socket was found full. Idempotent until then.
  void watch_writes();

 private:
  struct Registration;
  std::unique_ptr<Registration> registration_;
};

}  // namespace triage::upstream
