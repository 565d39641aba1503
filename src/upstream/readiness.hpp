#pragma once
// Says when a socket becomes readable or writable. The socket is registered once, edge triggered; waiting again costs
// no system call. Asio's public async_wait() costs an epoll_ctl each time, and async_read_some() a recvmsg that finds
// nothing: one in four system calls of a proxied request. So this speaks to Asio's reactor itself (asio::detail); the
// few calls it needs are the same from Boost 1.75 on.
//
// Edge triggered means: ask again only after the socket was found empty (full), or the next edge is the old one.

#include "triage/async.hpp"

#include <memory>

namespace triage::out {

class Readiness {
 public:
  /// Called on the loop, from no other call of this object. May destroy it.
  class Listener {
   public:
    virtual void on_readable() = 0;
    virtual void on_writable() = 0;

   protected:
    ~Listener() = default;
  };

  /// `handle` must be non-blocking, and stay open as long as this object lives.
  Readiness(asio::io_context& io, int handle, Listener& listener);
  Readiness(const Readiness&) = delete;
  Readiness& operator=(const Readiness&) = delete;
  ~Readiness();

  /// One call of the listener follows, also when the socket has ended or failed. Idempotent until then. The first one
  /// may come without a reason.
  void watch_reads();
  void watch_writes();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace triage::out
