// TLS over a socket that never waits:
//
//   Stream::receive/send/handshake -> SSL_read/SSL_write/SSL_do_handshake -> the BIO below -> Socket::receive/send
//
// The BIO answers "retry" when the socket is blocked; OpenSSL turns that into SSL_ERROR_WANT_READ or _WRITE, and this
// file turns it into Moved::State::blocked. The socket itself knows which of the two it is blocked in.

#include "upstream/stream.hpp"

#include "upstream/tls_contexts.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstring>
#include <system_error>

namespace triage::upstream {

struct SocketBio {
  static Stream& stream(BIO* bio) { return *static_cast<Stream*>(BIO_get_data(bio)); }

  static int settle(BIO* bio, const Moved& moved, int retry) {
    BIO_clear_retry_flags(bio);
    if (moved.state == Moved::State::some) return static_cast<int>(moved.bytes);
    if (moved.state == Moved::State::blocked) BIO_set_flags(bio, retry | BIO_FLAGS_SHOULD_RETRY);
    if (moved.state == Moved::State::failed) stream(bio).socket_error_ = moved.error;
    return moved.state == Moved::State::end ? 0 : -1;
  }

  static int read(BIO* bio, char* into, int room) {
    return settle(bio, stream(bio).socket_.receive(into, static_cast<std::size_t>(room)), BIO_FLAGS_READ);
  }

  static int write(BIO* bio, const char* from, int size) {
    const iovec piece{const_cast<char*>(from), static_cast<std::size_t>(size)};
    return settle(bio, stream(bio).socket_.send(&piece, 1), BIO_FLAGS_WRITE);
  }

  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static BIO_METHOD* method() {
    static BIO_METHOD* const made = [] {
      BIO_METHOD* fresh = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "triage socket");
      BIO_meth_set_read(fresh, &SocketBio::read);
      BIO_meth_set_write(fresh, &SocketBio::write);
      BIO_meth_set_ctrl(fresh, &SocketBio::control);
      return fresh;
    }();
    return made;
  }
};

void Stream::SslFree::operator()(SSL* ssl) const noexcept {
  // Keeps the session resumable: OpenSSL distrusts a session whose connection was not shut down.
  if (SSL_is_init_finished(ssl)) SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_free(ssl);
}

Stream::~Stream() = default;

bool Stream::start_tls(const std::shared_ptr<TlsContext>& context, const std::string& host) {
  forget_errors();
  context_ = context;
  ssl_.reset(context_->connect_to(host));
  BIO* bio = ssl_ ? BIO_new(SocketBio::method()) : nullptr;
  if (!bio) {
    failure_ = "TLS cannot start: " + tls_error_text();
    return false;
  }
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  return true;
}

Moved Stream::handshake() {
  forget_errors();
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) return {Moved::State::some, 1, 0};
  const Moved moved = tls_result(result);
  if (moved.state == Moved::State::blocked) return moved;
  const long verdict = SSL_get_verify_result(ssl_.get());
  distrusted_ = verdict != X509_V_OK;
  if (distrusted_) failure_ = X509_verify_cert_error_string(verdict);
  return {Moved::State::failed, 0, moved.error};
}

Moved Stream::receive(char* into, std::size_t room) {
  if (!ssl_) return failed(socket_.receive(into, room));
  forget_errors();
  std::size_t count = 0;
  const int result = SSL_read_ex(ssl_.get(), into, room, &count);
  if (result == 1) return {Moved::State::some, count, 0};
  return tls_result(result);
}

Moved Stream::send(Outgoing& outgoing) {
  if (!ssl_) {
    const Moved moved = socket_.send(outgoing.begin(), outgoing.count());
    if (moved.state == Moved::State::some) outgoing.sent(moved.bytes);
    return failed(moved);
  }
  forget_errors();
  std::size_t count = 0;
  const iovec& piece = *outgoing.begin();
  const int result = SSL_write_ex(ssl_.get(), piece.iov_base, piece.iov_len, &count);
  if (result != 1) return tls_result(result);
  outgoing.sent(count);
  return {Moved::State::some, count, 0};
}

bool Stream::still_idle() {
  char byte;
  return receive(&byte, 1).state == Moved::State::blocked;
}

// Where one was shown, only an alert can be about it: the connection may have served others since.
bool Stream::asked_for_certificate() const noexcept {
  if (!ssl_ || !TlsContext::asked_for_certificate(ssl_.get())) return false;
  return !context_->has_certificate() || failure_.find("alert") != std::string::npos;
}

bool Stream::readable() const noexcept {
  return socket_.readable() || (ssl_ && SSL_has_pending(ssl_.get()));
}

// What one call met is no cause of the next: after a write into a broken connection, a read may find the peer's alert.
void Stream::forget_errors() {
  ERR_clear_error();
  socket_error_ = 0;
}

Moved Stream::tls_result(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return {Moved::State::blocked, 0, 0};
    case SSL_ERROR_ZERO_RETURN: return {Moved::State::end, 0, 0};
    default: break;
  }
  failure_ = tls_error_text();
  if (socket_error_ != 0) failure_ = std::generic_category().message(socket_error_);
  if (failure_.empty() || failure_ == "unexpected eof while reading")
    failure_ = "connection closed without close_notify";
  if (asked_for_certificate())
    failure_ += context_->has_certificate()
                    ? "; the provider asked for a client certificate and did not take the gateway's (tls.client_cert)"
                    : "; the provider asks for a client certificate, and the gateway has none (tls.client_cert)";
  return {Moved::State::failed, 0, socket_error_};
}

Moved Stream::failed(const Moved& moved) {
  if (moved.state == Moved::State::failed) failure_ = std::generic_category().message(moved.error);
  return moved;
}

}  // namespace triage::upstream
