#include "providers/fields.hpp"

#include "base/ascii.hpp"
#include "base/glob.hpp"
#include "http1/content_decoder.hpp"
#include "http1/hop_by_hop.hpp"

#include <algorithm>
#include <array>

// Which of the client's fields go along: those that a provider of such an API reads, and those that the provider's
// `forward` names. A list of what may travel, because whoever stands in front of the gateway (browsers, load balancers,
// identity proxies) adds fields that nobody here has heard of: addresses, cookies, tokens.
// Never: what belongs to one hop, the gateway's own fields, and whatever may hold the key of the client.

namespace triage {
namespace {

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) noexcept {
  for (const std::string_view candidate : names)
    if (iequals(name, candidate)) return true;
  return false;
}

bool has_prefix(std::string_view name, std::string_view prefix) noexcept {
  return name.size() >= prefix.size() && iequals(name.substr(0, prefix.size()), prefix);
}

/// Told by the length: most names then need one comparison or none.
bool is_of_a_request(std::string_view name) noexcept {
  switch (name.size()) {
    case 5: return iequals(name, "range");
    case 6: return is_one_of(name, {"accept", "prefer"});
    case 8: return is_one_of(name, {"if-match", "if-range"});
    case 10: return is_one_of(name, {"user-agent", "tracestate", "x-simulate"});
    case 11: return iequals(name, "traceparent");
    case 12: return iequals(name, "content-type");
    case 13: return iequals(name, "if-none-match");
    case 15: return is_one_of(name, {"accept-encoding", "accept-language", "idempotency-key"});
    case 16: return is_one_of(name, {"content-encoding", "content-language"});
    case 17: return iequals(name, "if-modified-since");
    case 19: return is_one_of(name, {"if-unmodified-since", "content-disposition", "x-client-request-id"});
    default: return false;
  }
}

/// Whether a field speaks of the API that the client uses: it means nothing, or something else, in another one.
bool is_of_an_api(std::string_view name) noexcept {
  if (name.size() < 8) return iequals(name, "x-app");
  switch (name.front() | 0x20) {
    case 'a': return has_prefix(name, "anthropic-");
    case 'o': return has_prefix(name, "openai-") && !is_one_of(name, {"openai-organization", "openai-project"});
    case 'x':
      return has_prefix(name, "x-stainless-") || has_prefix(name, "x-claude-") || has_prefix(name, "x-vertex-") ||
             is_one_of(name, {"x-goog-api-client", "x-goog-request-params", "x-server-timeout"});
    default: return false;
  }
}

/// Whether a field stays here whatever the configuration says.
bool stays_here(std::string_view name) noexcept {
  return is_of_the_sender(name) || has_prefix(name, "proxy-") || has_prefix(name, "x-triage-") ||
         is_one_of(name, {"authorization", "api-key", "x-api-key", "x-goog-api-key", "x-request-id"});
}

bool travels(std::string_view name, const Provider& provider, Forwarded forwarded) {
  const bool translated = forwarded == Forwarded::translated;
  if (is_of_a_request(name)) return !translated || !iequals(name, "user-agent");
  if (is_of_an_api(name)) return !translated;
  if (provider.forward.empty() || stays_here(name)) return false;
  const std::string lower = to_lower(name);
  return std::ranges::any_of(provider.forward,
                             [&](const std::string& pattern) { return glob_matches(to_lower(pattern), lower); });
}

bool is_json(std::string_view content_type) noexcept {
  constexpr std::string_view json = "application/json";
  return has_prefix(content_type, json) &&
         (content_type.size() == json.size() || content_type[json.size()] == ';' || content_type[json.size()] == ' ');
}

}  // namespace

void add_fields(EncodedCall& call, const RequestHead& client, const Provider& provider, Forwarded forwarded,
                std::span<const Field> own) {
  const bool fixed_json = forwarded != Forwarded::unread;
  std::vector<Field>& fields = call.call.fields;
  fields.reserve(client.fields.size() + provider.headers.size() + own.size() + 2);
  const std::vector<std::string_view> listed = named_by_connection(client.fields);
  const auto set_by_provider = [&](std::string_view name) {
    for (const auto& header : provider.headers)
      if (iequals(header.first, name)) return true;
    return false;
  };
  bool has_content_type = false;
  for (const Field& field : client.fields) {
    if (!travels(field.name, provider, forwarded) || set_by_provider(field.name)) continue;
    if (std::ranges::any_of(listed, [&](std::string_view name) { return iequals(name, field.name); })) continue;
    if (fixed_json && field.name.size() == 15 && iequals(field.name, "accept-encoding")) continue;
    if (fixed_json && field.name.size() == 16 && iequals(field.name, "content-encoding")) continue;  // undone here
    if (fixed_json && field.name.size() == 12 && iequals(field.name, "content-type")) {
      if (has_content_type || !is_json(field.value)) continue;
      has_content_type = true;
    }
    fields.push_back(field);
    if (field.name.size() == 15 && iequals(field.name, "accept-encoding"))
      fields.back().value = call.own(decodable(field.value));
  }
  if (fixed_json) {
    if (!has_content_type && !set_by_provider("content-type")) fields.push_back({"Content-Type", "application/json"});
    if (!set_by_provider("accept-encoding")) fields.push_back({"Accept-Encoding", "identity"});
  }
  if (forwarded == Forwarded::translated && !set_by_provider("user-agent")) fields.push_back({"User-Agent", "triage"});
  for (const Field& field : own)
    if (!field.value.empty() && !set_by_provider(field.name)) fields.push_back(field);
  for (const auto& [name, value] : provider.headers) fields.push_back({name, value.reveal()});
}

std::string target_of(const Provider& provider, std::string_view path, std::string_view query) {
  std::string target;
  target.reserve(provider.base_url.path.size() + path.size() + query.size() + 1);
  target.append(provider.base_url.path).append(path);
  if (!query.empty()) target.append("?").append(query);
  return target;
}

}  // namespace triage
