// Which of a provider's fields a client sees: all but those of the connection, of the provider's account, and of the
// other origin (cookies, CORS, transport security), and none that holds the provider's key.
#include "pipeline/answer/client_head.hpp"

#include <algorithm>
#include <array>

namespace triage {
namespace {

bool starts_with(std::string_view name, std::string_view prefix) noexcept {
  return name.size() >= prefix.size() && iequals(name.substr(0, prefix.size()), prefix);
}

bool stays_behind(std::string_view name) noexcept {
  const char first = name.empty() ? '\0' : static_cast<char>(name.front() | 0x20);
  if (first == 'x' ? starts_with(name, "x-triage-") : first == 'a' && starts_with(name, "access-control-")) return true;
  switch (name.size()) {
    case 2: return iequals(name, "te");
    case 3: return iequals(name, "via");
    case 4: return iequals(name, "date");
    case 6: return iequals(name, "server");
    case 7: return iequals(name, "trailer") || iequals(name, "upgrade") || iequals(name, "alt-svc");
    case 10: return iequals(name, "connection") || iequals(name, "keep-alive") || iequals(name, "set-cookie");
    case 11: return iequals(name, "set-cookie2");
    case 13: return iequals(name, "authorization");
    case 14: return iequals(name, "content-length");
    case 16: return iequals(name, "www-authenticate") || iequals(name, "proxy-connection");
    case 17: return iequals(name, "transfer-encoding");
    case 18: return iequals(name, "proxy-authenticate");
    case 19: return iequals(name, "openai-organization") || iequals(name, "proxy-authorization");
    case 25: return iequals(name, "strict-transport-security");
    default: return false;
  }
}

bool named_by_connection(const ResponseHead& head, std::string_view name) noexcept {
  for (const Field& field : head.fields) {
    if (!iequals(field.name, "connection")) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      const auto comma = std::min(rest.find(','), rest.size());
      std::string_view token = rest.substr(0, comma);
      while (!token.empty() && (token.front() == ' ' || token.front() == '\t')) token.remove_prefix(1);
      while (!token.empty() && (token.back() == ' ' || token.back() == '\t')) token.remove_suffix(1);
      if (iequals(token, name)) return true;
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return false;
}

bool holds_secret(const Provider& provider, std::string_view value) noexcept {
  const auto held = [&](const Secret& secret) {
    return secret.reveal().size() >= 4 && value.find(secret.reveal()) != std::string_view::npos;
  };
  return held(provider.api_key) ||
         std::ranges::any_of(provider.headers, [&](const auto& pair) { return held(pair.second); });
}

}  // namespace

void add_triage_fields(std::vector<Field>& fields, const Target& target) {
  if (!target.route.empty()) {
    fields.push_back({"x-triage-route", target.route});
    fields.push_back({"x-triage-tier", target.tier});
    fields.push_back({"x-triage-router", target.router});
  }
  fields.push_back({"x-triage-deployment", target.deployment->spec->name});
  static constexpr std::array<std::string_view, 17> numbers{"0", "1",  "2",  "3",  "4",  "5",  "6",  "7", "8",
                                                            "9", "10", "11", "12", "13", "14", "15", "16"};
  fields.push_back({"x-triage-attempts", target.attempt < numbers.size() ? numbers[target.attempt] : "more than 16"});
}

ResponseHead client_head(const Reply& reply, const Target& target) {
  const ResponseHead& from = reply.head();
  ResponseHead head;
  head.status = from.status;
  head.fields.reserve(from.fields.size() + 6);
  const bool connection_names_fields = find_field(from.fields, "connection").has_value();
  for (const Field& field : from.fields) {
    if (stays_behind(field.name) || holds_secret(*target.deployment->provider, field.value)) continue;
    if (connection_names_fields && named_by_connection(from, field.name)) continue;
    if (iequals(field.name, "x-request-id")) {
      head.fields.push_back({"x-upstream-request-id", field.value});
    } else {
      head.fields.push_back(field);
    }
  }
  add_triage_fields(head.fields, target);
  return head;
}

}  // namespace triage
