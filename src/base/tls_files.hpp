#pragma once
// Certificates and keys as files, loaded into OpenSSL's contexts. Checking a configuration and serving it both load
// them here, so that both find the same faults.

#include "triage/tls_spec.hpp"

#include <openssl/types.h>

#include <memory>
#include <optional>
#include <string>

namespace triage {

/// What is wrong with a TlsSpec: its key `cert`, `key` or `ciphers`, and why, with the value.
struct TlsFault {
  std::string key;
  std::string message;
};

struct TlsContextFree {
  void operator()(SSL_CTX* context) const noexcept;
};
using TlsContextPointer = std::unique_ptr<SSL_CTX, TlsContextFree>;

/// A server's context with the key pair, versions and suites of `spec`; null if there is a `fault`. A key with a
/// passphrase is a fault, because there is nobody to ask.
TlsContextPointer tls_server_context(const TlsSpec& spec, std::optional<TlsFault>& fault);

/// Makes `context` show the chain in `cert`, whose key is in `key`. Returns what is wrong: key `cert` or `key`.
std::optional<TlsFault> use_key_pair(SSL_CTX& context, const std::string& cert, const std::string& key);
/// The same, as a check without a context to keep.
std::optional<TlsFault> unusable_key_pair(const std::string& cert, const std::string& key);

/// The first suite that `context` offers without forward secrecy or authenticated encryption (RFC 9325, 4.1); "" if
/// there is none.
std::string weak_suite(const SSL_CTX& context);

/// Whether the certificate of `context` has expired.
bool expired(const SSL_CTX& context);

/// Makes `context` trust the PEM bundle in `file`. Returns why it cannot, or "".
std::string trust(SSL_CTX& context, const std::string& file);
/// The same, as a check without a context to keep.
std::string untrustworthy(const std::string& file);

/// Takes the text of OpenSSL's error queue and empties it: "certificate verify failed", or "" if there is none.
std::string tls_error_text();

}  // namespace triage
