#include "http/tls_contexts.hpp"

#include <openssl/ssl.h>

#include <stdexcept>
#include <string_view>

namespace triage::http {
namespace {

namespace ssl = boost::asio::ssl;

int choose_http11(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                  unsigned int offered_size, void*) {
  static constexpr unsigned char http11[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, http11, sizeof http11 - 1, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

std::shared_ptr<ssl::context> loaded(const TlsSpec& spec) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  boost::system::error_code error;
  const auto check = [&](std::string_view what, const std::string& file) {
    if (error)
      throw std::runtime_error("listen.tls: cannot use " + std::string(what) + " '" + file + "': " + error.message());
  };
  context->use_certificate_chain_file(spec.cert, error);
  check("certificate chain", spec.cert);
  context->use_private_key_file(spec.key, ssl::context::pem, error);
  check("private key", spec.key);
  SSL_CTX* native = context->native_handle();
  if (SSL_CTX_check_private_key(native) != 1)
    throw std::runtime_error("listen.tls: key '" + spec.key + "' does not belong to certificate '" + spec.cert + "'");
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  static constexpr unsigned char session_context[] = "triage";
  SSL_CTX_set_session_id_context(native, session_context, sizeof session_context - 1);
  SSL_CTX_set_alpn_select_cb(native, choose_http11, nullptr);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  return context;
}

}  // namespace

ServerTls::ServerTls(TlsSpec spec) : spec_(std::move(spec)), context_(loaded(spec_)), loaded_(times()) {}

ServerTls::Times ServerTls::times() const {
  std::error_code missing;
  return {std::filesystem::last_write_time(spec_.cert, missing), std::filesystem::last_write_time(spec_.key, missing)};
}

std::shared_ptr<ssl::context> ServerTls::current() const {
  const std::lock_guard lock(mutex_);
  return context_;
}

std::string ServerTls::reload_if_changed() {
  const Times now = times();
  if (now == loaded_) return "";
  try {
    auto fresh = loaded(spec_);
    const std::lock_guard lock(mutex_);
    context_ = std::move(fresh);
    loaded_ = now;
    return "";
  } catch (const std::exception& failure) {
    return failure.what();
  }
}

}  // namespace triage::http
