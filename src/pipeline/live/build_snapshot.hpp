#pragma once
// Builds the live snapshot from a checked spec. This is the one place that knows all routers and all dialects.

#include "base/metrics.hpp"
#include "pipeline/live/live_state.hpp"
#include "pipeline/live/snapshot.hpp"

#include <memory>

namespace triage {

/// `spec` must have been checked by src/config; throws std::runtime_error if a name in it is unknown all the same.
/// `metrics` and `live_state` are keyed by name and must outlive the snapshot.
std::shared_ptr<const Snapshot> build_snapshot(ConfigSpec spec, std::string version, Metrics& metrics,
                                               LiveState& live_state);

}  // namespace triage
