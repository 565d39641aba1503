#pragma once
// Which deployments may answer a request, in the order in which they are asked.

#include "pipeline/resolve.hpp"

#include <vector>

namespace triage {

/// `first`'s deployment, then the other members of its tier, heaviest first, then the members of the next tiers up. A
/// specialist falls back to the highest tier. Without a route there is nothing but the deployment that was named.
std::vector<Target> candidates(const Snapshot& snapshot, const Target& first);

}  // namespace triage
