#pragma once
// What the TLS connections to one provider share: whom to trust, and the sessions to resume. Made once and kept; used
// by one loop only. TLS 1.2 and later (RFC 8446, RFC 5246), ALPN http/1.1 (RFC 7301).

#include "base/tls_files.hpp"
#include "triage/error.hpp"
#include "triage/provider_spec.hpp"

#include <openssl/types.h>

#include <deque>
#include <memory>
#include <string>

typedef struct ssl_session_st SSL_SESSION;  // as declared in openssl/ssl.h, which is long

namespace triage::upstream {

class TlsContext {
 public:
  static constexpr std::size_t sessions_max = 8;

  /// Trusts the PEM bundle in `ca_file`, or the system's authorities if it is empty, and shows the certificate of
  /// `own`, if it has one. Error: upstream_tls_failed.
  static Result<std::shared_ptr<TlsContext>> make(const std::string& ca_file, const ClientTlsSpec& own = {});

  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ~TlsContext();

  /// A client's session that will accept only a trusted certificate for `host`, a name (sent as SNI, RFC 6066) or an
  /// IP address. Resumes an earlier session if there is one. Null: out of memory, or a name that cannot be one.
  SSL* connect_to(const std::string& host);

  /// Whether the server asked for the client's certificate in this handshake.
  static bool asked_for_certificate(const SSL* ssl) noexcept;

  /// Whether it has a certificate to show.
  [[nodiscard]] bool has_certificate() const noexcept { return has_certificate_; }

  [[nodiscard]] std::size_t sessions() const noexcept { return sessions_.size(); }

 private:
  struct SessionFree {
    void operator()(SSL_SESSION* session) const noexcept;
  };
  using Session = std::unique_ptr<SSL_SESSION, SessionFree>;

  explicit TlsContext(SSL_CTX* context);
  static int on_certificate_wanted(SSL* ssl, void* unused);
  static int on_new_session(SSL* ssl, SSL_SESSION* session);
  void offer_session(SSL* ssl);

  SSL_CTX* context_;
  bool has_certificate_ = false;
  std::deque<Session> sessions_;  // the newest is at the back
};

}  // namespace triage::upstream
