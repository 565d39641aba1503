#pragma once
// The metrics of routes and deployments: registered when a configuration comes into force, the same ones for the same
// names.

#include "pipeline/live/snapshot.hpp"

namespace triage {

RouteMetrics route_metrics(Metrics& metrics, const std::string& route);

/// Empty: calls whose model is no deployment's.
Counter& unknown_prices(Metrics& metrics, const std::string& deployment);

DeploymentMetrics deployment_metrics(Metrics& metrics, const std::string& deployment);

}  // namespace triage
