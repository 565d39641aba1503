#pragma once
// A TCP connection, plain or under TLS, behind one non-virtual interface. Each call forwards to the layer in use,
// without a coroutine of its own.

#include "triage/async.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <utility>

namespace triage {

class Stream {
 public:
  using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
  using Tls = asio::ssl::stream<Socket&>;

  explicit Stream(Socket socket) : socket_(std::move(socket)) {}
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  [[nodiscard]] Socket& socket() noexcept { return socket_; }
  /// The TLS layer, or null for a plain connection.
  [[nodiscard]] Tls* tls() noexcept { return tls_.get(); }
  void add_tls(asio::ssl::context& context) { tls_ = std::make_unique<Tls>(socket_, context); }

  template <class Token>
  auto async_read_some(asio::mutable_buffer buffer, Token&& token) {
    if (tls_) return tls_->async_read_some(buffer, std::forward<Token>(token));
    return socket_.async_read_some(buffer, std::forward<Token>(token));
  }

  /// Writes everything. Under TLS, small buffers share a record: Asio copies up to 8 KiB of them together.
  template <class Buffers, class Token>
  auto async_write(const Buffers& buffers, Token&& token) {
    if (tls_) return asio::async_write(*tls_, buffers, std::forward<Token>(token));
    return asio::async_write(socket_, buffers, std::forward<Token>(token));
  }

  /// Ends pending operations with an error. Idempotent. A TLS session stays resumable.
  void close() noexcept {
    if (tls_) SSL_set_shutdown(tls_->native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

 private:
  Socket socket_;
  std::unique_ptr<Tls> tls_;
};

}  // namespace triage
