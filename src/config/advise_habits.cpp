// Warns of what other gateways' files have and this one's takes literally.
#include "config/advise.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>

namespace triage::config {
namespace {

bool is_variable_name(std::string_view text) {
  return !text.empty() && !is_digit(text.front()) &&
         std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || c == '_'; });
}

// The name of a variable that a key refers to in another gateway's way; empty: it does not.
std::string_view foreign_variable(std::string_view key) {
  for (const std::string_view prefix : {"os.environ/", "env::", "env.", "$"})
    if (key.starts_with(prefix) && is_variable_name(key.substr(prefix.size()))) return key.substr(prefix.size());
  return "";
}

bool is_quoted(std::string_view key) {
  return key.size() >= 2 && (key.front() == '"' || key.front() == '\'') && key.back() == key.front();
}

constexpr std::array<std::string_view, 5> api_ends{"/chat/completions", "/completions", "/embeddings", "/responses",
                                                   "/messages"};

// Less than a tenth of a cent for a million tokens: nobody is that cheap.
constexpr std::int64_t rate_least = 1'000'000;

bool is_per_token(const std::optional<Rate>& rate) {
  return rate && rate->femto_usd > 0 && rate->femto_usd < rate_least;
}

}  // namespace

void Advisor::advise_habits() {
  for (const Provider& provider : spec_.providers) {
    advise_keys(provider);
    advise_base_url(provider);
  }
  for (const Deployment& deployment : spec_.deployments) {
    if (deployment.price_source != PriceSource::own) continue;
    if (!is_per_token(deployment.price.input) && !is_per_token(deployment.price.output)) continue;
    warning({"deployments", deployment.name, "price"},
            "deployments." + deployment.name + ".price looks like USD for one token; prices here are for a million",
            "multiply it by 1,000,000");
  }
}

void Advisor::advise_keys(const Provider& provider) {
  const Path path{"providers", provider.name};
  advise_key(path / "api_key", provider.api_key.reveal());
  advise_key(path / "proxy_password", provider.proxy_password.reveal());
  for (std::size_t i = 0; i < provider.keys.size(); ++i)
    advise_key(path / "keys" / i / "key", provider.keys[i].key.reveal());
}

void Advisor::advise_key(const Path& path, std::string_view key) {
  if (const std::string_view name = foreign_variable(key); !name.empty())
    warning(path, to_string(path) + " is taken as it is written, not from the environment",
            "write ${" + std::string(name) + "}");
  else if (is_quoted(key))
    warning(path, to_string(path) + " has quotation marks that are part of the key",
            "remove them; docker's --env-file keeps those that it finds");
}

void Advisor::advise_base_url(const Provider& provider) {
  const Path path{"providers", provider.name, "base_url"};
  const std::string_view at = provider.base_url.path;
  for (const std::string_view end : api_ends) {
    if (!at.ends_with(end)) continue;
    warning(path, to_string(path) + " ends in " + std::string(end) + ", which is added to it",
            "end it in front of " + std::string(end));
    return;
  }
  if (provider.dialect == "openai" && at.empty() && provider.base_url.tls)
    warning(path, to_string(path) + " has no path, so requests go to /chat/completions",
            "most servers have it below /v1: end it in /v1");
}

}  // namespace triage::config
