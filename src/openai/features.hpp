#pragma once
// What a router can know of a request, read from its body.

#include "triage/features.hpp"
#include "triage/request.hpp"

namespace triage {

/// Fills `out`, which is fresh. `request` comes from parse_request_body(): its body is valid JSON, but its members may
/// be of any type; one that is not what the API wants counts as absent. `out` points into the body.
void read_features(const ApiRequest& request, Features& out);

}  // namespace triage
