// Where a provider is and who asks it, as far as that depends on its dialect.
#include "base/file.hpp"
#include "config/check.hpp"
#include "credentials/identity.hpp"
#include "providers/base_url.hpp"

namespace triage::config {
namespace {

std::string fix_for_base_url(const Provider& provider) {
  if (provider.dialect == "bedrock") return "add 'region: us-east-1', or a base_url";
  if (provider.dialect == "azure") return "add 'base_url: https://NAME.openai.azure.com'";
  return "add 'base_url: ...' (what comes before /chat/completions)";
}

}  // namespace

void Checker::check_cloud(const Provider& provider) {
  check_base_url(provider);
  check_aws_keys(provider);
  check_credentials(provider);
  const Path path{"providers", provider.name};
  if (provider.dialect == "vertex" && provider.project.empty() && provider.api_key.empty() && provider.keys.empty() &&
      origins_.intact(path / "project"))
    error(path, to_string(path) + " has no 'project'",
          "add 'project: ...': the id of the Google Cloud project that pays");
}

void Checker::check_base_url(const Provider& provider) {
  const Path path{"providers", provider.name};
  if (!provider.base_url.host.empty()) return;
  for (const char* key : {"base_url", "region", "location"})
    if (!origins_.intact(path / key)) return;
  error(path, to_string(path) + " has no 'base_url'", fix_for_base_url(provider));
}

void Checker::check_aws_keys(const Provider& provider) {
  const Path path{"providers", provider.name};
  const bool id = !provider.access_key_id.empty();
  const bool secret = !provider.secret_access_key.empty();
  if (id != secret && origins_.intact(path / (id ? "secret_access_key" : "access_key_id")))
    error(path / (id ? "access_key_id" : "secret_access_key"),
          to_string(path) + " has " + (id ? "an access_key_id" : "a secret_access_key") + " and no " +
              (id ? "secret_access_key" : "access_key_id"),
          "give both, or an api_key");
  if (!provider.session_token.empty() && !id && !secret)
    error(path / "session_token", to_string(path) + " has a session_token and no keys",
          "give the keys that it belongs to");
  if (id && !provider.api_key.empty())
    error(path / "access_key_id", to_string(path) + " has an api_key and an access_key_id", "keep one of the two");
  if (id && secret && provider.dialect == "bedrock" && region_of(provider).empty() && !provider.base_url.host.empty())
    error(path / "access_key_id", to_string(path) + " has no 'region', which requests are signed for",
          "add 'region: us-east-1'");
  if (id && provider.dialect != "bedrock")
    error(path / "access_key_id", to_string(path) + " does not speak `bedrock`: nothing is signed with its keys",
          "remove them, or write 'dialect: bedrock'");
}

void Checker::check_credentials(const Provider& provider) {
  const Path path{"providers", provider.name, "credentials"};
  const CredentialsSpec& spec = provider.credentials;
  if (!spec.given() || !origins_.intact_inside(path)) return;
  if (provider.dialect == "bedrock")
    return error(path, to_string(path) + " is not for `bedrock`",
                 "give an api_key, or access_key_id and secret_access_key");
  if (!provider.api_key.empty())
    return error(path, "providers." + provider.name + " has an api_key and credentials", "keep one of the two");
  if (spec.metadata && !spec.file.empty())
    return error(path, to_string(path) + " names a file and the metadata server", "keep one of the two");
  if (spec.file.empty()) return;
  const Path file = path / "file";
  std::string reason;
  const auto text = read_file(spec.file, credentials::file_bytes_max, reason);
  if (!text)
    return error(file, to_string(file) + ": cannot read " + origins_.shown(file, spec.file) + ": " + reason,
                 "check the path and its permissions; it is relative to the working directory");
  if (const auto identity = credentials::read_identity(*text); !identity)
    error(file, to_string(file) + ": cannot use " + origins_.shown(file, spec.file) + ": " + identity.error().message,
          "give the JSON of a service account or an application, or a file with a token");
}

}  // namespace triage::config
