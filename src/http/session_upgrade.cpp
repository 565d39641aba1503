// A connection that becomes a WebSocket: the read that was pending for the next request is ended, and from then on the
// socket reads and writes. When the request is over, so is the connection.
#include "http/session.hpp"

#include <algorithm>
#include <cstring>

namespace triage::http {
namespace {

// The session's stream, and first what had come behind the request's head.
class SessionBytes final : public websocket::Bytes {
 public:
  SessionBytes(Executor executor, Stream& stream, std::string_view first)
      : executor_(std::move(executor)), stream_(stream), first_(first) {}

  [[nodiscard]] Executor executor() override { return executor_; }

  void read(asio::mutable_buffer into, websocket::Done done) override {
    if (at_ == first_.size() || into.size() == 0) return stream_.async_read_some(into, std::move(done));
    const std::size_t count = std::min(into.size(), first_.size() - at_);
    std::memcpy(into.data(), first_.data() + at_, count);
    at_ += count;
    asio::post(executor_, [done = std::move(done), count]() mutable { done({}, count); });
  }

  void write(std::span<const asio::const_buffer> pieces, websocket::Done done) override {
    std::ranges::copy(pieces, pieces_.begin());
    stream_.async_write(std::span<const asio::const_buffer>(pieces_.data(), pieces.size()), std::move(done));
  }

  void cut() noexcept override { stream_.close(); }

 private:
  const Executor executor_;
  Stream& stream_;
  const std::string first_;
  std::size_t at_ = 0;
  std::array<asio::const_buffer, pieces_max> pieces_;  // of the write under way
};

}  // namespace

// What comes while this waits stays in the buffer. False: the client has left.
Async<bool> Session::stop_reading() {
  watching_ = false;
  probe_deadline_.clear();
  if (reading_ || awaiting_reset_) {
    boost::system::error_code ignored;
    stream_.socket().cancel(ignored);
  }
  while (reading_ || awaiting_reset_) co_await arrived_.wait();
  if (read_error_ == asio::error::operation_aborted) read_error_.clear();
  co_return !read_error_;
}

Async<Result<WebSocket*>> Session::accept(ResponseHead head, std::string_view subprotocol, const SocketLimits& limits,
                                          std::function<void(std::uint16_t)> stopping) {
  if (server_.stopping())
    co_return Error{ErrorCode::shutting_down, "the gateway is stopping", "", std::chrono::seconds(1)};
  const Error left{ErrorCode::client_gone, "the client closed the connection before it had its WebSocket"};
  silence_on_ = false;
  const bool here = co_await stop_reading();
  if (!here) co_return left;
  begun_ = true;
  keep_open_ = false;
  auto bytes = std::make_unique<SessionBytes>(loop_.io.get_executor(), stream_, unread());
  socket_.emplace(std::move(bytes), loop_.deadlines, limits);
  head.fields.push_back({"x-request-id", id_});
  const bool accepted = co_await socket_->accept(head_, head.fields, subprotocol);
  if (!accepted) co_return left;
  on_stop_ = std::move(stopping);
  if (server_.stopping()) stop();
  co_return static_cast<WebSocket*>(&*socket_);
}

}  // namespace triage::http
