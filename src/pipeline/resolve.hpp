#pragma once
// From the model that a client names to the deployment that is asked.
//
//   "triage/<route>"             that route
//   a deployment's or alias'     that deployment, no routing
//   own name
//   anything else                the first route whose match.models (and match.paths) hold it
//
// The route's chain of routers then picks the tier, and the tier's weights the deployment.

#include "pipeline/snapshot.hpp"

namespace triage {

struct Target {
  const LiveRoute* route = nullptr;  ///< null: the client named a deployment
  const LiveDeployment* deployment = nullptr;
  std::string_view tier;    ///< empty without a route
  std::string_view router;  ///< kind of the router that picked; empty without a route
  std::string reason;
  std::string_view task_class;  ///< as the next two, what the chain said; empty: nothing
  std::string_view floor;       ///< no tier of the order below it was wanted
  std::string_view ceiling;     ///< no tier of the order above it was wanted
  std::uint32_t attempt = 1;    ///< of this request, counted from 1
};

/// `ticket` spreads requests over a tier's deployments by weight: consecutive numbers give exact shares.
/// Errors: model_not_found, route_not_allowed.
Result<Target> resolve(const Snapshot& snapshot, const RoutingInput& input, std::uint64_t ticket);

/// Whether a path has a segment `.` or `..`, percent-encoded or not (RFC 3986, 5.2.4).
bool has_dot_segment(std::string_view path) noexcept;

/// For calls that pass through unread: the first route whose match.paths hold its path. Errors: not_found,
/// route_not_allowed.
Result<Target> resolve_path(const Snapshot& snapshot, const KeySpec* key, const RequestHead& head,
                            std::uint64_t ticket);

}  // namespace triage
