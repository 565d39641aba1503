#include "pipeline/authenticate.hpp"

#include "base/percent.hpp"
#include "base/sha256.hpp"
#include "websocket/upgrade.hpp"

#include <algorithm>

namespace triage {

namespace {

// The key in a query, as clients of Gemini's API may send it.
std::optional<std::string> key_in(std::string_view query) {
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    if (part.starts_with("key=") && part.size() > 4) return percent_decoded(part.substr(4));
    query.remove_prefix(std::min(query.size(), part.size() + 1));
  }
  return std::nullopt;
}

// The key as the client's API sends it; Bearer wins.
Result<std::string> key_in(const RequestHead& head) {
  constexpr std::string_view scheme = "Bearer ";
  const auto field = find_field(head.fields, "authorization");
  if (field && field->size() > scheme.size() && iequals(field->substr(0, scheme.size()), scheme))
    return std::string(field->substr(scheme.size()));
  for (const std::string_view name : {"x-api-key", "api-key", "x-goog-api-key"})
    if (const auto key = find_field(head.fields, name); key && !key->empty()) return std::string(*key);
  if (form_at(head.path) == WireForm::gemini)
    if (auto key = key_in(head.query)) return *std::move(key);
  if (websocket::asks_for_web_socket(head))
    if (const auto key = websocket::key_of(head); !key.empty()) return std::string(key);
  if (field) return Error{ErrorCode::invalid_api_key, "the Authorization field must read 'Bearer KEY'"};
  return Error{ErrorCode::invalid_api_key,
               "no gateway key given; send it as 'Authorization: Bearer KEY', or as x-api-key"};
}

}  // namespace

Result<const KeySpec*> authenticate(const Snapshot& snapshot, const RequestHead& head) {
  if (snapshot.spec.keys.empty()) return nullptr;
  const auto given = key_in(head);
  if (!given) return given.error();
  const KeySpec* const found = snapshot.keys.find(sha256(*given));
  if (found == nullptr) return Error{ErrorCode::invalid_api_key, "the gateway key is not known"};
  return found;
}

bool may_use(const KeySpec* key, const RouteSpec* route) noexcept {
  if (key == nullptr || key->routes.empty()) return true;
  return route != nullptr && std::ranges::find(key->routes, route->name) != key->routes.end();
}

}  // namespace triage
