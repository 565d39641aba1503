#include "pipeline/authenticate.hpp"

#include "base/sha256.hpp"

#include <algorithm>

namespace triage {

Result<const KeySpec*> authenticate(const Snapshot& snapshot, const RequestHead& head) {
  if (snapshot.spec.keys.empty()) return nullptr;
  const auto field = find_field(head.fields, "authorization");
  if (!field) return Error{ErrorCode::invalid_api_key, "no gateway key given; send it as 'Authorization: Bearer KEY'"};
  constexpr std::string_view scheme = "Bearer ";
  if (field->size() <= scheme.size() || !iequals(field->substr(0, scheme.size()), scheme))
    return Error{ErrorCode::invalid_api_key, "the Authorization field must read 'Bearer KEY'"};
  const KeySpec* const found = snapshot.keys.find(sha256(field->substr(scheme.size())));
  if (found == nullptr) return Error{ErrorCode::invalid_api_key, "the gateway key is not known"};
  return found;
}

bool may_use(const KeySpec* key, const RouteSpec* route) noexcept {
  if (key == nullptr || key->routes.empty()) return true;
  return route != nullptr && std::ranges::find(key->routes, route->name) != key->routes.end();
}

}  // namespace triage
