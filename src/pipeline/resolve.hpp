#pragma once
// From the model that a client names to the deployment that is asked.
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
  by_deployment_name,  ///< its model is a deployment's or an alias' own name
  by_match             ///< it was held against the routes, in order
};

/// Where a request belongs, allowed or not. Both null: nowhere.
struct Found {
  How how = How::by_match;
  const LiveRoute* route = nullptr;
  const LiveDeployment* named = nullptr;
};
Found find(const Snapshot& snapshot, const RoutingInput& input);

struct Resolution {
  const LiveRoute* route = nullptr;       ///< null: the client named a deployment
  const LiveDeployment* named = nullptr;  ///< which
};

/// What of a route's `match` a request does not fit; `none`: it fits.
enum class Mismatch : std::uint8_t { none, only_by_name, path, model, header, key, metadata };
Mismatch mismatch(const MatchSpec& match, const RoutingInput& input);
/// The same for a call that passes through unread: models do not count, and its metadata are not known.
Mismatch path_mismatch(const MatchSpec& match, const KeySpec* key, const RequestHead& head);

/// Errors: model_not_found, route_not_allowed.
Result<Resolution> resolve(const Snapshot& snapshot, const RoutingInput& input);

/// For calls that pass through unread: the first route whose match.paths hold its path. Errors: not_found,
/// route_not_allowed.
Result<Resolution> resolve_path(const Snapshot& snapshot, const KeySpec* key, const RequestHead& head);

}  // namespace triage
