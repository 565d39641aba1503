// The keys of providers that only the clouds' dialects have (bedrock, azure, vertex), and those of how one is reached.
#include "config/describe.hpp"

#include "options/type_of.hpp"

namespace triage {

using options::Describer;

void describe(Describer& v, CredentialsSpec& s) {
  v.field(
      {.name = "file",
       .text = "JSON of a Google service account or user, or of an Azure application; or a file that holds a token and "
               "is replaced before that ends",
       .shown_default = "none",
       .check = check_filled},
      s.file);
  v.field({.name = "metadata", .text = "tokens come from the metadata server of Google's machines"}, s.metadata);
}

void describe(Describer& v, ProviderKey& s) {
  v.field({.name = "name",
           .text = "shown in logs, metrics and the ledger, which never show the key",
           .shown_default = "its place in the list: 1, 2, ...",
           .check = check_name},
          s.name);
  v.field({.name = "key",
           .text = "sent as `api_key` is; a bare text is short for this key",
           .required = true,
           .check = check_credential},
          s.key);
}

void describe_keys(Describer& v, Provider& s) {
  v.field({.name = "keys",
           .text = "several keys instead of `api_key`, used in turn; one that gets 401, 403 or 429 rests. Calls that "
                   "pass through use the first"},
          s.keys);
  v.field({.name = "key_rest",
           .text = "how long a key rests where the provider does not say (`Retry-After`)",
           .least = 1000},
          s.key_rest);
}

void describe(Describer& v, ClientTlsSpec& s) {
  v.field({.name = "client_cert",
           .text = "PEM file of the certificate chain that is shown to the provider, leaf first; read again when it "
                   "changes",
           .shown_default = "none",
           .check = check_filled},
          s.client_cert);
  v.field({.name = "client_key",
           .text = "PEM file of its private key, not encrypted; likewise",
           .shown_default = "none",
           .check = check_filled},
          s.client_key);
}

void describe_reach(Describer& v, Provider& s) {
  v.field({.name = "ca_file",
           .text = "PEM bundle to trust instead of the system's; read again when it changes",
           .shown_default = "the system's",
           .check = check_filled},
          s.ca_file);
  v.field({.name = "tls", .text = "a client certificate for it"}, s.tls);
  v.field({.name = "proxy", .text = "HTTP proxy to reach it through, by CONNECT", .shown_default = "none"}, s.proxy);
  v.field({.name = "proxy_user",
           .text = "by which the proxy knows the gateway, sent to it as `Proxy-Authorization: Basic`",
           .shown_default = "none",
           .check = check_credential},
          s.proxy_user);
  v.field({.name = "proxy_password", .text = "that goes with it", .shown_default = "none", .check = check_credential},
          s.proxy_password);
}

void describe_cloud(Describer& v, Provider& s) {
  v.field({.name = "region",
           .text = "for `bedrock`: AWS's region",
           .shown_default = "the one in base_url",
           .check = check_host},
          s.region);
  v.field({.name = "access_key_id",
           .text = "for `bedrock`: AWS's keys, where there is no api_key",
           .shown_default = "none",
           .check = check_credential},
          s.access_key_id);
  v.field(
      {.name = "secret_access_key", .text = "signs the requests", .shown_default = "none", .check = check_credential},
      s.secret_access_key);
  v.field({.name = "session_token", .text = "of temporary keys", .shown_default = "none", .check = check_credential},
          s.session_token);
  v.field({.name = "location",
           .text = "for `vertex`: a region, or `global`",
           .shown_default = "global",
           .check = check_host},
          s.location);
  v.field({.name = "credentials", .text = "for `vertex` and `azure`: where access tokens come from"}, s.credentials);
  v.field({.name = "api_version",
           .text = "for `azure`: a date asks /openai/deployments/{model}/..., without one /openai/v1/... is asked",
           .shown_default = "none",
           .check = check_host},
          s.api_version);
}

}  // namespace triage
