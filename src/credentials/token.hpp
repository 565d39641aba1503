#pragma once
// How access tokens are asked for, and what the answer says (OAuth 2.0, RFC 6749; RFC 7523). Pure.

#include "credentials/identity.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage::credentials {

struct TokenRequest {
  Url url;
  std::string_view method = "POST";
  std::string query;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
};

/// What `identity`, which is no FoundToken, sends at `now`. Costs a millisecond: it may sign. Error: invalid_config,
/// the key cannot be used.
Result<TokenRequest> token_request(const Identity& identity, std::chrono::system_clock::time_point now);

/// What the metadata server of Google's machines is asked.
TokenRequest metadata_request();

struct AccessToken {
  Secret token;
  std::chrono::seconds lifetime{0};
};

/// Reads the answer to a TokenRequest. Error: upstream_error with what the server says is wrong.
Result<AccessToken> read_token(int status, std::string_view body);

/// The signed claim of a service account (RFC 7519): base64url of header, claims and signature, joined by dots.
Result<std::string> signed_claim(const ServiceAccount& account, std::chrono::system_clock::time_point now);

}  // namespace triage::credentials
