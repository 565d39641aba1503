#pragma once
// Resolves the model that a client names to a route or a deployment.
//
//   "triage/<route>"             that route
//   a deployment's or alias'     that deployment, no routing
//   own name
//   anything else                the first route whose `match` fits the request
//
// The route's chain of routers then picks the tier (routing/chain.hpp); plan.hpp says which deployments are
// asked.

#include "pipeline/live/snapshot.hpp"

namespace triage {

/// How a request came to its route or deployment.
enum class How : std::uint8_t {
  by_route_name,       ///< its model is triage/ROUTE
  by_deployment_name,  ///< its model is the name of a deployment or an alias
  by_match             ///< it was compared with the routes, in order
};

/// Where a request belongs, whether allowed or not. Both null: nowhere.
struct Found {
  How how = How::by_match;
  const LiveRoute* route = nullptr;
  const LiveDeployment* named = nullptr;
};
Found find(const Snapshot& snapshot, const RoutingInput& input);

struct Resolution {
  const LiveRoute* route = nullptr;       ///< null: the client named a deployment
  const LiveDeployment* named = nullptr;  ///< the deployment that the client named
};

/// Whether a deployment that may be asked, by that policy or by name, speaks another dialect than the request.
bool translates(const Resolution& resolution, const Policy* policy, const ApiRequest& request) noexcept;

/// Which part of a route's `match` a request does not satisfy; `none`: it matches.
enum class Mismatch : std::uint8_t { none, only_by_name, path, model, header, key, metadata };
Mismatch mismatch(const MatchSpec& match, const RoutingInput& input);
/// The same for a call that passes through unread: models are ignored, and its metadata is unknown.
Mismatch path_mismatch(const MatchSpec& match, const KeySpec* key, const RequestHead& head);

/// Errors: model_not_found, route_not_allowed.
Result<Resolution> resolve(const Snapshot& snapshot, const RoutingInput& input);

/// The error for a key that may not use `wanted`: route_not_allowed.
Error not_allowed(const KeySpec& key, std::string_view wanted);

/// For calls that pass through unread: the first route whose match.paths matches the path. Errors: not_found,
/// route_not_allowed.
Result<Resolution> resolve_path(const Snapshot& snapshot, const KeySpec* key, const RequestHead& head);

}  // namespace triage
