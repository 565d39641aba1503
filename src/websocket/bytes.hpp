#pragma once
// The connection below a WebSocket, as the HTTP server and the upstream provide it.

#include "triage/async.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>

namespace triage::websocket {

/// What is called once when an operation is over; movable only. Destroyed uncalled, the operation's coroutine is
/// destroyed, too.
class Done {
 public:
  Done() = default;
  template <class Handler>
  explicit Done(Handler handler) : held_(std::make_unique<Holder<Handler>>(std::move(handler))) {}

  [[nodiscard]] explicit operator bool() const noexcept { return held_ != nullptr; }
  void operator()(boost::system::error_code error, std::size_t bytes) {
    const auto held = std::move(held_);
    held->call(error, bytes);
  }

 private:
  struct Base {
    virtual ~Base() = default;
    virtual void call(boost::system::error_code error, std::size_t bytes) = 0;
  };
  template <class Handler>
  struct Holder final : Base {
    explicit Holder(Handler with) : handler(std::move(with)) {}
    void call(boost::system::error_code error, std::size_t bytes) override { std::move(handler)(error, bytes); }
    Handler handler;
  };
  std::unique_ptr<Base> held_;
};

class Bytes {
 public:
  static constexpr std::size_t pieces_max = 16;  ///< of one write

  virtual ~Bytes() = default;
  [[nodiscard]] virtual Executor executor() = 0;

  /// One read and one write may be pending. `done` is called on the loop, never from within these functions. A write
  /// sends at least one byte; what the pieces are views of stays as it is until then, the list of them does not.
  virtual void read(asio::mutable_buffer into, Done done) = 0;
  virtual void write(std::span<const asio::const_buffer> pieces, Done done) = 0;

  /// Ends what is pending with an error, and the connection. Idempotent.
  virtual void cut() noexcept = 0;
};

}  // namespace triage::websocket
