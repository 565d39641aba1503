#pragma once
// Options of the router `weighted`.

#include <string>

namespace triage {

/// Spreads requests over the deployments of one tier by their weights in the route's `tiers`.
struct WeightedRouterSpec {
  std::string tier;
};

}  // namespace triage
