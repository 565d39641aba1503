#include "http/tls_contexts.hpp"

#include "base/tls_files.hpp"

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
  std::optional<TlsFault> fault;
  TlsContextPointer made = tls_server_context(spec, fault);
  if (!made) throw std::runtime_error("listen.tls: " + fault->message);
  SSL_CTX* const native = made.get();
  static constexpr unsigned char session_context[] = "triage";
  SSL_CTX_set_session_id_context(native, session_context, sizeof session_context - 1);
  SSL_CTX_set_alpn_select_cb(native, choose_http11, nullptr);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  return std::make_shared<ssl::context>(made.release());
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
