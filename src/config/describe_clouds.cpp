// The keys of providers that only the clouds' dialects have: bedrock, azure, vertex.
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
