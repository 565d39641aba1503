#include "base/tls_files.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace triage {
namespace {

// Replaces the prompt on the terminal. `asked` points to a flag.
int ask_nobody(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

std::string quoted(const std::string& value) {
  return "'" + value + "'";
}

// The reason of the last failure, in words. Empties the queue.
std::string cause() {
  const std::string text = tls_error_text();
  return text.empty() ? "OpenSSL does not say why" : text;
}

std::optional<TlsFault> load(SSL_CTX* context, const TlsSpec& spec) {
  SSL_CTX_set_min_proto_version(context, spec.min_version == TlsVersion::tls_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
  if (SSL_CTX_set_cipher_list(context, spec.ciphers.c_str()) != 1) {
    ERR_clear_error();
    return TlsFault{"ciphers", quoted(spec.ciphers) + " names no suite of TLS 1.2 that OpenSSL knows"};
  }
  return use_key_pair(*context, spec.cert, spec.key);
}

}  // namespace

std::optional<TlsFault> use_key_pair(SSL_CTX& context, const std::string& cert, const std::string& key) {
  ERR_clear_error();
  bool asked = false;
  SSL_CTX_set_default_passwd_cb(&context, ask_nobody);
  SSL_CTX_set_default_passwd_cb_userdata(&context, &asked);
  if (SSL_CTX_use_certificate_chain_file(&context, cert.c_str()) != 1)
    return TlsFault{"cert", "cannot use certificate chain " + quoted(cert) + ": " + cause()};
  const bool loaded = SSL_CTX_use_PrivateKey_file(&context, key.c_str(), SSL_FILETYPE_PEM) == 1;
  SSL_CTX_set_default_passwd_cb_userdata(&context, nullptr);
  if (asked)
    return TlsFault{"key", "cannot use private key " + quoted(key) +
                               ": it is encrypted, and nobody is there to type the passphrase"};
  if (!loaded && ERR_GET_LIB(ERR_peek_error()) != ERR_LIB_X509)
    return TlsFault{"key", "cannot use private key " + quoted(key) + ": " + cause()};
  const bool match = loaded && SSL_CTX_check_private_key(&context) == 1;
  ERR_clear_error();
  if (match) return std::nullopt;
  return TlsFault{"key", "key " + quoted(key) + " does not belong to certificate " + quoted(cert)};
}

std::optional<TlsFault> unusable_key_pair(const std::string& cert, const std::string& key) {
  const TlsContextPointer context(SSL_CTX_new(TLS_client_method()));
  if (!context) return TlsFault{"cert", "OpenSSL could not make a context: " + cause()};
  return use_key_pair(*context, cert, key);
}

void TlsContextFree::operator()(SSL_CTX* context) const noexcept {
  SSL_CTX_free(context);
}

TlsContextPointer tls_server_context(const TlsSpec& spec, std::optional<TlsFault>& fault) {
  ERR_clear_error();
  TlsContextPointer context(SSL_CTX_new(TLS_server_method()));
  if (context)
    fault = load(context.get(), spec);
  else
    fault = TlsFault{"cert", "OpenSSL could not make a context: " + cause()};
  return fault ? nullptr : std::move(context);
}

std::string weak_suite(const SSL_CTX& context) {
  const STACK_OF(SSL_CIPHER)* const suites = SSL_CTX_get_ciphers(&context);
  for (int i = 0; i < sk_SSL_CIPHER_num(suites); ++i) {
    const SSL_CIPHER* const suite = sk_SSL_CIPHER_value(suites, i);
    const int exchange = SSL_CIPHER_get_kx_nid(suite);
    const bool secret_forward = exchange == NID_kx_ecdhe || exchange == NID_kx_dhe || exchange == NID_kx_any;
    if (!secret_forward || SSL_CIPHER_is_aead(suite) != 1) return SSL_CIPHER_get_name(suite);
  }
  return "";
}

bool expired(const SSL_CTX& context) {
  const X509* const certificate = SSL_CTX_get0_certificate(&context);
  return certificate != nullptr && X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0;
}

std::string trust(SSL_CTX& context, const std::string& file) {
  ERR_clear_error();
  if (SSL_CTX_load_verify_file(&context, file.c_str()) == 1) return "";
  return cause();
}

std::string untrustworthy(const std::string& file) {
  const TlsContextPointer context(SSL_CTX_new(TLS_client_method()));
  return context ? trust(*context, file) : "OpenSSL could not make a context: " + cause();
}

std::string tls_error_text() {
  std::string text;
  while (const unsigned long code = ERR_get_error())
    if (const char* reason = ERR_reason_error_string(code); text.empty() && reason) text = reason;
  return text;
}

}  // namespace triage
