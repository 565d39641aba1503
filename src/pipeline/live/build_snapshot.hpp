#pragma once
// From a checked spec to the live snapshot: the one place that knows all routers and all dialects.

#include "base/metrics.hpp"
#include "pipeline/live/live_state.hpp"
#include "pipeline/live/snapshot.hpp"

#include <memory>

namespace triage {

/// `spec` was checked by src/config. Throws std::runtime_error if a name in it is not known all the same.
/// `metrics` and `live_state` are kept by name and must outlive the snapshot.
std::shared_ptr<const Snapshot> build_snapshot(ConfigSpec spec, std::string version, Metrics& metrics,
                                               LiveState& live_state);

}  // namespace triage
