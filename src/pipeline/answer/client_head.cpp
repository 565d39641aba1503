// Which of a provider's fields a client sees: all except those of the connection, of the provider's account, and of
// another origin (cookies, CORS, transport security), and any that contains the provider's key.
#include "pipeline/answer/client_head.hpp"

#include "http1/hop_by_hop.hpp"

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
    case 3: return iequals(name, "via");
    case 4: return iequals(name, "date");
    case 6: return iequals(name, "server");
    case 7: return iequals(name, "alt-svc") || is_hop_by_hop(name);
    case 10: return iequals(name, "set-cookie") || is_hop_by_hop(name);
    case 11: return iequals(name, "set-cookie2");
    case 13: return iequals(name, "authorization");
    case 14: return iequals(name, "content-length");
    case 16: return iequals(name, "www-authenticate") || is_hop_by_hop(name);
    case 18: return iequals(name, "proxy-authenticate");
    case 19: return iequals(name, "openai-organization") || iequals(name, "proxy-authorization");
    case 25: return iequals(name, "strict-transport-security") || iequals(name, "anthropic-organization-id");
    default: return is_hop_by_hop(name);
  }
}

bool holds_secret(const Provider& provider, std::string_view value) noexcept {
  const auto held = [&](const Secret& secret) {
    return secret.reveal().size() >= 4 && value.find(secret.reveal()) != std::string_view::npos;
  };
  return held(provider.api_key) || held(provider.secret_access_key) || held(provider.session_token) ||
         std::ranges::any_of(provider.keys, [&](const ProviderKey& key) { return held(key.key); }) ||
         std::ranges::any_of(provider.headers, [&](const auto& pair) { return held(pair.second); });
}

}  // namespace

void add_triage_fields(std::vector<Field>& fields, const Target& target) {
  if (!target.route.empty()) fields.push_back({"x-triage-route", target.route});
  if (!target.tier.empty()) fields.push_back({"x-triage-tier", target.tier});
  if (!target.router.empty()) fields.push_back({"x-triage-router", target.router});
  if (target.own_model) fields.push_back({"x-triage-deployment", target.deployment->spec->name});
  static constexpr std::array<std::string_view, 17> numbers{"0", "1",  "2",  "3",  "4",  "5",  "6",  "7", "8",
                                                            "9", "10", "11", "12", "13", "14", "15", "16"};
  fields.push_back({"x-triage-attempts", target.attempt < numbers.size() ? numbers[target.attempt] : "more than 16"});
}

void add_experiment_fields(std::vector<Field>& fields, const Assignment& assigned) {
  if (assigned.experiment == nullptr) return;
  fields.push_back({"x-triage-experiment", assigned.experiment->spec->name});
  fields.push_back({"x-triage-arm", word(assigned.arm)});
}

void add_dropped(ResponseHead& head, std::string_view dropped) {
  if (!dropped.empty()) head.fields.push_back({"x-triage-dropped", dropped});
}

ResponseHead client_head(const Reply& reply, const Target& target) {
  const ResponseHead& from = reply.head();
  ResponseHead head;
  head.status = from.status;
  head.fields.reserve(from.fields.size() + 6);
  const std::vector<std::string_view> named = named_by_connection(from.fields);
  const auto is_named = [&named](std::string_view name) {
    return std::ranges::any_of(named, [name](std::string_view other) { return iequals(name, other); });
  };
  for (const Field& field : from.fields) {
    if (stays_behind(field.name) || holds_secret(*target.deployment->provider, field.value)) continue;
    if (is_named(field.name)) continue;
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
