#include "providers/fields.hpp"

#include "base/ascii.hpp"
#include "http1/content_decoder.hpp"
#include "http1/hop_by_hop.hpp"

#include <algorithm>
#include <array>

// Which of the client's fields are forwarded: all except these.
//   this hop's:      what each sender sets itself, what Connection lists, Proxy-*
//   the client's secrets and whereabouts: Authorization, API keys, Cookie, organisation, Forwarded, X-Forwarded-*
//   what asks for another method or path than this one: X-HTTP-Method(-Override), X-Original-URL and their kin
//   the gateway's:   x-request-id, x-triage-*, Accept-Encoding when it reads the answer, what the provider's headers
//   set

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

/// The same, with '_' for '-': servers that turn names into variables cannot tell them apart (RFC 3875, 4.1.18).
bool has_loose_prefix(std::string_view name, std::string_view prefix) noexcept {
  const auto same = [](char a, char b) { return (a == '_' ? '-' : to_lower(a)) == b; };
  return name.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), name.begin(), [same](char b, char a) { return same(a, b); });
}

/// Whether `name`, which begins with "x", belongs to a family of fields that is dropped: told by its third letter.
bool is_of_family(std::string_view name) noexcept {
  if (name.size() < 9 || (name[1] != '-' && name[1] != '_')) return false;
  switch (name[2] | 0x20) {
    case 't': return has_loose_prefix(name, "x-triage-");
    case 'e': return has_loose_prefix(name, "x-envoy-");
    case 'f': return has_loose_prefix(name, "x-forwarded-");
    case 'h': return has_loose_prefix(name, "x-http-method");
    case 'm': return has_loose_prefix(name, "x-method-override");
    case 'o': return has_loose_prefix(name, "x-original-");
    case 'r': return has_loose_prefix(name, "x-rewrite-");
    default: return false;
  }
}

/// Whether a field is dropped. Goes by first letter and length: most fields pass after one comparison or none.
bool stays_here(std::string_view name) noexcept {
  if (name.empty()) return true;
  const char first = static_cast<char>(name.front() | 0x20);
  if (first == 'x' ? is_of_family(name) : first == 'p' && has_prefix(name, "proxy-")) return true;
  switch (name.size()) {
    case 6: return iequals(name, "cookie") || is_of_the_sender(name);
    case 7: return iequals(name, "api-key") || is_of_the_sender(name);
    case 9: return is_one_of(name, {"forwarded", "x-api-key", "x-real-ip"});
    case 12: return iequals(name, "x-request-id");
    case 13: return iequals(name, "authorization");
    case 14: return is_one_of(name, {"openai-project", "x-goog-api-key"}) || is_of_the_sender(name);
    case 19: return iequals(name, "openai-organization");
    default: return is_of_the_sender(name);
  }
}

/// Whether a field speaks of the API that the client uses: it means nothing, or something else, in another one.
bool is_of_an_api(std::string_view name) noexcept {
  return has_prefix(name, "anthropic-") || has_prefix(name, "openai-") || has_prefix(name, "x-stainless-") ||
         has_prefix(name, "x-goog-") || has_prefix(name, "x-vertex-") || has_prefix(name, "x-server-timeout");
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
    if (stays_here(field.name) || set_by_provider(field.name)) continue;
    if (forwarded == Forwarded::translated && is_of_an_api(field.name)) continue;
    bool travels = true;
    for (const std::string_view name : listed) travels = travels && !iequals(name, field.name);
    if (!travels) continue;
    if (fixed_json && field.name.size() == 15 && iequals(field.name, "accept-encoding")) continue;
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
