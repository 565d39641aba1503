#pragma once
// A server that runs models, and how it is reached and paid.

#include "triage/quirks.hpp"
#include "triage/secret.hpp"
#include "triage/units.hpp"
#include "triage/url.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace triage {

/// How connections to one provider are kept.
struct PoolSpec {
  std::uint32_t idle_max = 1024;  ///< idle connections kept, per loop; idle_age ends those that nobody needs
  milliseconds idle_age{30'000};  ///< older ones are closed; set it below the provider's own limit
  milliseconds age{300'000};      ///< since opening; older connections take no further call, however busy
  bool operator==(const PoolSpec&) const = default;
};

/// Where access tokens come from, instead of a key.
struct CredentialsSpec {
  std::string file;       ///< of a service account, a user or an application; or it holds a token
  bool metadata = false;  ///< from the metadata server of the Google machine that this runs on
  [[nodiscard]] bool given() const noexcept { return metadata || !file.empty(); }
  bool operator==(const CredentialsSpec&) const = default;
};

/// One of several keys of a provider.
struct ProviderKey {
  std::string name;  ///< shown in logs and the ledger; default: its place in the list, counted from 1
  Secret key;
};

/// By what the gateway proves to a provider who it is. Both or neither.
struct ClientTlsSpec {
  std::string client_cert;  ///< PEM chain, leaf first; read again when the file changes
  std::string client_key;   ///< PEM private key
  [[nodiscard]] bool given() const noexcept { return !client_cert.empty(); }
  bool operator==(const ClientTlsSpec&) const = default;
};

struct Provider {
  std::string name;
  std::string dialect;  ///< one of dialect_names()
  Url base_url;
  Secret api_key;
  std::string organization;                             ///< OpenAI-Organization
  std::string project;                                  ///< OpenAI-Project
  std::vector<std::pair<std::string, Secret>> headers;  ///< sent with every call
  std::vector<std::string> forward;                     ///< globs over names of the client's header fields
  std::string ca_file;                                  ///< PEM bundle to trust instead of the system's
  std::optional<Url> proxy;                             ///< HTTP CONNECT
  PoolSpec pool;
  std::optional<bool> responses = {};  ///< has OpenAI's Responses API besides chat; absent: as the host is known to
  std::string region = {};             ///< bedrock
  Secret access_key_id = {};           ///< bedrock, with the next two, where there is no api_key
  Secret secret_access_key = {};
  Secret session_token = {};  ///< empty: the credentials are not temporary
  std::string location = {};  ///< vertex
  CredentialsSpec credentials = {};
  std::string api_version = {};  ///< azure
  Quirks quirks = {};
  std::string server = {};             ///< not a key: what `dialect` named, if that was a server in the table of quirks
  std::vector<ProviderKey> keys = {};  ///< instead of api_key, used in turn
  milliseconds key_rest{60'000};       ///< of a key that is refused, or that has used up its limit and is not told more
  std::string proxy_user = {};         ///< empty: the proxy asks for none
  Secret proxy_password = {};
  ClientTlsSpec tls = {};
};

}  // namespace triage
