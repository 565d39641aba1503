#pragma once
// Who asks for an access token, as files of Google and Microsoft say it. Pure.

#include "triage/error.hpp"
#include "triage/secret.hpp"
#include "triage/url.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace triage::credentials {

inline constexpr std::size_t file_bytes_max = 256 * 1024;

/// A service account of Google's, which signs a claim with its key (RFC 7523).
struct ServiceAccount {
  std::string email;
  Secret private_key;  ///< PEM
  std::string key_id;  ///< empty: none
  Url token_uri;
};

/// A user of Google's, who has let this machine act for them (`gcloud auth application-default login`).
struct GoogleUser {
  std::string client_id;
  Secret client_secret;
  Secret refresh_token;
  Url token_uri;
};

/// An application that is registered with Microsoft Entra, with a secret of its own.
struct EntraApplication {
  std::string client_id;
  Secret client_secret;
  Url token_uri;
};

/// A token that something else keeps fresh.
struct FoundToken {
  Secret token;
};

using Identity = std::variant<ServiceAccount, GoogleUser, EntraApplication, FoundToken>;

/// Reads the content of a credentials file: JSON, or a token and nothing else. Error: invalid_config that says what is
/// missing, never what was found.
Result<Identity> read_identity(std::string_view text);

}  // namespace triage::credentials
