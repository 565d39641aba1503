#include "providers/base_url.hpp"

namespace triage {
namespace {

constexpr std::string_view bedrock_prefix = "bedrock-runtime.";
constexpr std::string_view bedrock_fips_prefix = "bedrock-runtime-fips.";

Url https(std::string host) {
  Url out;
  out.tls = true;
  out.port = 443;
  out.host = std::move(host);
  return out;
}

}  // namespace

Url default_base_url(const Provider& provider) {
  if (provider.dialect == "bedrock" && !provider.region.empty()) {
    const std::string_view domain = provider.region.starts_with("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com";
    return https(std::string(bedrock_prefix) + provider.region + std::string(domain));
  }
  if (provider.dialect == "vertex" && !provider.location.empty()) {
    const std::string& location = provider.location;
    if (location == "global") return https("aiplatform.googleapis.com");
    if (location == "us" || location == "eu") return https("aiplatform." + location + ".rep.googleapis.com");
    return https(location + "-aiplatform.googleapis.com");
  }
  if (provider.dialect == "gemini") return https("generativelanguage.googleapis.com");
  if (provider.dialect == "anthropic") return https("api.anthropic.com");
  return {};
}

std::string region_of(const Provider& provider) {
  if (!provider.region.empty()) return provider.region;
  std::string_view host = provider.base_url.host;
  for (const std::string_view prefix : {bedrock_prefix, bedrock_fips_prefix})
    if (host.starts_with(prefix))
      return std::string(host.substr(prefix.size(), host.find('.', prefix.size()) - prefix.size()));
  return {};
}

std::string host_field(const Url& url) {
  std::string out = url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]";
  if (url.port != (url.tls ? 443 : 80)) out += ":" + std::to_string(url.port);
  return out;
}

}  // namespace triage
