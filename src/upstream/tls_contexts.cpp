// Sessions: OpenSSL passes each new one to on_new_session(). A TLS 1.3 ticket is offered once (RFC 8446, C.4), a
// TLS 1.2 session as often as it is valid. A session stays resumable only if its connection was marked as shut down
// before it was freed, which Stream does.

#include "upstream/tls_contexts.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/ip/address.hpp>

namespace triage::upstream {
namespace {

constexpr unsigned char alpn[] = "\x08http/1.1";

Error not_usable(std::string cause) {
  return Error{ErrorCode::upstream_tls_failed, std::move(cause)};
}

bool demand_certificate_of(SSL* ssl, const std::string& host) {
  boost::system::error_code no_address;
  boost::asio::ip::make_address(host, no_address);
  X509_VERIFY_PARAM* demands = SSL_get0_param(ssl);
  if (!no_address) return X509_VERIFY_PARAM_set1_ip_asc(demands, host.c_str()) == 1;
  // A common name is not a host name (RFC 9525, 2), but OpenSSL would accept one if there is no other name.
  X509_VERIFY_PARAM_set_hostflags(demands, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  return X509_VERIFY_PARAM_set1_host(demands, host.data(), host.size()) == 1 &&
         SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
}

}  // namespace

void TlsContext::SessionFree::operator()(SSL_SESSION* session) const noexcept {
  SSL_SESSION_free(session);
}

TlsContext::TlsContext(SSL_CTX* context) : context_(context) {
  SSL_CTX_set_app_data(context_, this);
  SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION);
  SSL_CTX_set_options(context_, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // RELEASE_BUFFERS: an idle or slowly streaming connection holds no 16 KiB record buffers.
  SSL_CTX_set_mode(context_,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context_, 1);  // a record's header and body in one system call
  SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_alpn_protos(context_, alpn, sizeof alpn - 1);
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_set_cert_cb(context_, &TlsContext::on_certificate_wanted, nullptr);
  SSL_CTX_sess_set_new_cb(context_, &TlsContext::on_new_session);
}

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
}

Result<std::shared_ptr<TlsContext>> TlsContext::make(const std::string& ca_file, const ClientTlsSpec& own) {
  ERR_clear_error();
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  if (!context) return not_usable("OpenSSL could not make a context: " + tls_error_text());
  const std::shared_ptr<TlsContext> made(new TlsContext(context));
  if (ca_file.empty() && SSL_CTX_set_default_verify_paths(context) != 1)
    return not_usable("the system's certificate authorities cannot be read: " + tls_error_text());
  const std::string fault = ca_file.empty() ? "" : trust(*context, ca_file);
  if (!fault.empty()) return not_usable("ca_file '" + ca_file + "' cannot be read as PEM certificates: " + fault);
  if (!own.given()) return made;
  if (const auto wrong = use_key_pair(*context, own.client_cert, own.client_key))
    return not_usable("tls.client_" + wrong->key + ": " + wrong->message);
  made->has_certificate_ = true;
  return made;
}

SSL* TlsContext::connect_to(const std::string& host) {
  SSL* ssl = SSL_new(context_);
  if (!ssl) return nullptr;
  if (!demand_certificate_of(ssl, host)) {
    SSL_free(ssl);
    return nullptr;
  }
  SSL_set_connect_state(ssl);
  offer_session(ssl);
  return ssl;
}

void TlsContext::offer_session(SSL* ssl) {
  while (!sessions_.empty()) {
    SSL_SESSION* session = sessions_.back().get();
    const bool once = SSL_SESSION_get_protocol_version(session) >= TLS1_3_VERSION;
    const bool offered = SSL_SESSION_is_resumable(session) == 1 && SSL_set_session(ssl, session) == 1;
    if (once || !offered) sessions_.pop_back();
    if (offered) return;
  }
}

bool TlsContext::asked_for_certificate(const SSL* ssl) noexcept {
  return SSL_get_app_data(ssl) != nullptr;
}

int TlsContext::on_certificate_wanted(SSL* ssl, void* /*unused*/) {
  static char asked;
  SSL_set_app_data(ssl, &asked);
  return 1;  // continue with what the context has
}

int TlsContext::on_new_session(SSL* ssl, SSL_SESSION* session) {
  auto& self = *static_cast<TlsContext*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  self.sessions_.emplace_back(session);
  if (self.sessions_.size() > sessions_max) self.sessions_.pop_front();
  return 1;  // ours now
}

}  // namespace triage::upstream
