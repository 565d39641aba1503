#pragma once
// How a listener speaks TLS.

#include "triage/words.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace triage {

enum class TlsVersion : std::uint8_t { tls_1_2, tls_1_3 };
template <>
inline constexpr std::array<std::string_view, 2> words<TlsVersion>{"1.2", "1.3"};

/// The TLS 1.2 suites with forward secrecy and authenticated encryption (RFC 9325, 4.2), by OpenSSL's names.
inline constexpr std::string_view modern_ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

struct TlsSpec {
  std::string cert;  ///< PEM chain, leaf first; reloaded when the file changes
  std::string key;   ///< PEM private key
  TlsVersion min_version = TlsVersion::tls_1_2;
  std::string ciphers{modern_ciphers};  ///< of TLS 1.2, by OpenSSL's names; TLS 1.3 has no weak ones
  bool operator==(const TlsSpec&) const = default;
};

}  // namespace triage
