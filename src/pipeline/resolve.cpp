#include "pipeline/resolve.hpp"

#include "pipeline/authenticate.hpp"
#include "wire/features.hpp"

#include <algorithm>

namespace triage {
namespace {

constexpr std::string_view route_prefix = "triage/";

bool any_glob(const std::vector<std::string>& patterns, std::string_view text) noexcept {
  return std::ranges::any_of(patterns, [&](const std::string& pattern) { return glob_matches(pattern, text); });
}

const LiveRoute* named_route(const Snapshot& snapshot, std::string_view model) noexcept {
  if (!model.starts_with(route_prefix)) return nullptr;
  for (const LiveRoute& route : snapshot.routes)
    if (route.spec->name == model.substr(route_prefix.size())) return &route;
  return nullptr;
}

const LiveRoute* matching_route(const Snapshot& snapshot, std::string_view path, std::string_view model) noexcept {
  for (const LiveRoute& route : snapshot.routes) {
    const MatchSpec& match = route.spec->match;
    if (!match.paths.empty() && !any_glob(match.paths, path)) continue;
    if (match.models.empty() ? !match.paths.empty() : any_glob(match.models, model)) return &route;
  }
  return nullptr;
}

Error not_allowed(const KeySpec& key, std::string_view wanted) {
  std::string routes;
  for (const std::string& name : key.routes) routes += (routes.empty() ? "triage/" : ", triage/") + name;
  return {ErrorCode::route_not_allowed,
          "key '" + key.name + "' may not use " + std::string(wanted) + "; it may use " + routes, "model"};
}

const LiveDeployment* member(const LiveTier& tier, std::uint64_t ticket) noexcept {
  std::uint64_t rest = ticket % tier.weight_sum;
  std::size_t i = 0;
  while (rest >= tier.weights[i]) rest -= tier.weights[i++];
  return tier.members[i];
}

Target pick(const Snapshot& snapshot, const LiveRoute& route, const RoutingInput& input, std::uint64_t ticket) {
  Decision decision = decide(route.chain, snapshot.spec.tiers, input);
  Target target;
  target.route = &route;
  target.tier = decision.tier;
  target.router = decision.router;
  target.reason = std::move(decision.reason);
  target.task_class = decision.task_class;
  target.floor = decision.floor;
  target.ceiling = decision.ceiling;
  const LiveTier* tier = route.tier(target.tier);
  target.deployment = member(tier != nullptr ? *tier : route.tiers.back(), ticket);
  return target;
}

}  // namespace

Result<Target> resolve(const Snapshot& snapshot, const RoutingInput& input, std::uint64_t ticket) {
  const KeySpec* const key = input.key();
  const std::string_view model = input.request().model;
  const LiveRoute* route = named_route(snapshot, model);
  if (route == nullptr) {
    if (const auto direct = snapshot.model_names.find(model); direct != snapshot.model_names.end()) {
      if (!may_use(key, nullptr)) return not_allowed(*key, "model '" + std::string(model) + "' by its own name");
      Target target;
      target.deployment = direct->second;
      return target;
    }
    route = matching_route(snapshot, input.head().path, model);
  }
  if (route == nullptr)
    return Error{
        ErrorCode::model_not_found,
        "no model, alias or route is called '" + std::string(model.substr(0, 200)) + "'; GET /v1/models lists them",
        "model"};
  if (!may_use(key, route->spec)) return not_allowed(*key, "route '" + route->spec->name + "'");
  return pick(snapshot, *route, input, ticket);
}

bool has_dot_segment(std::string_view path) noexcept {
  for (std::size_t at = path.find('/'); at != std::string_view::npos;) {
    const std::size_t next = path.find('/', at + 1);
    std::string_view segment = path.substr(at + 1, next == std::string_view::npos ? next : next - at - 1);
    int dots = 0;
    while (!segment.empty()) {
      const bool plain = segment.front() == '.';
      const bool encoded = segment.size() >= 3 && iequals(segment.substr(0, 3), "%2e");
      if (!plain && !encoded) break;
      segment.remove_prefix(plain ? 1 : 3);
      ++dots;
    }
    if (segment.empty() && (dots == 1 || dots == 2)) return true;
    at = next;
  }
  return false;
}

Result<Target> resolve_path(const Snapshot& snapshot, const KeySpec* key, const RequestHead& head,
                            std::uint64_t ticket) {
  const std::string_view path = head.path;
  if (has_dot_segment(path))
    return Error{ErrorCode::not_found,
                 "the path has a '.' or '..' segment, which could lead out of the provider's API"};
  for (const LiveRoute& route : snapshot.routes) {
    if (!any_glob(route.spec->match.paths, path)) continue;
    if (!may_use(key, route.spec)) return not_allowed(*key, "route '" + route.spec->name + "'");
    const ApiRequest unread;
    const RoutingInput input(unread, head, key, read_features);
    return pick(snapshot, route, input, ticket);
  }
  return Error{ErrorCode::not_found,
               "no route takes " + std::string(path.substr(0, 200)) + "; add a route whose match.paths holds it"};
}

}  // namespace triage
