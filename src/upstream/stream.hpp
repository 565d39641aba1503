#pragma once
// The bytes of a connection, plain or under TLS. Nothing here waits: an attempt reports that it is blocked, and the
// owner waits for the socket's listener and tries again. OpenSSL reads and writes the socket itself, through a BIO of
// ours.

#include "upstream/outgoing.hpp"
#include "upstream/socket.hpp"

#include <openssl/types.h>

#include <memory>
#include <string>

namespace triage::upstream {

class TlsContext;

class Stream {
 public:
  Stream(Socket::Tcp connected, Socket::Listener& listener) : socket_(std::move(connected), listener) {}
  ~Stream();

  /// Puts TLS on the connection; then call handshake() until it returns `some`. False: failure() says why. `host` is
  /// the name (or IP address) that the certificate must carry.
  bool start_tls(const std::shared_ptr<TlsContext>& context, const std::string& host);
  Moved handshake();
  [[nodiscard]] bool tls() const noexcept { return ssl_ != nullptr; }

  /// Under TLS, `end` is a proper end (close_notify); a connection that is merely cut is `failed` with error 0.
  Moved receive(char* into, std::size_t room);

  /// Sends from the front of `outgoing`, and drops what was sent.
  Moved send(Outgoing& outgoing);

  /// Checks what came on a connection on which nothing is expected. TLS may talk to itself; false if payload came or
  /// the connection ended.
  bool still_idle();

  /// Has the listener called when what is blocked now can go on.
  void watch() { socket_.watch_writes(); }

  /// Whether receive() may find something without waiting.
  [[nodiscard]] bool readable() const noexcept;
  [[nodiscard]] Socket& socket() noexcept { return socket_; }

  /// Why the last attempt failed, in words.
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }
  /// Whether the peer asked for a client certificate. The gateway has none, and failure() says so.
  [[nodiscard]] bool asked_for_certificate() const noexcept;
  /// Whether the handshake failed because of the peer's certificate.
  [[nodiscard]] bool distrusted() const noexcept { return distrusted_; }

 private:
  struct SslFree {
    void operator()(SSL* ssl) const noexcept;
  };

  void forget_errors();
  Moved tls_result(int result);
  Moved failed(const Moved& moved);

  Socket socket_;
  std::shared_ptr<TlsContext> context_;
  std::unique_ptr<SSL, SslFree> ssl_;
  std::string failure_;
  int socket_error_ = 0;
  bool distrusted_ = false;
  friend struct SocketBio;
};

}  // namespace triage::upstream
