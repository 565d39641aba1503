#pragma once
// The keys of a snapshot: those by which it calls providers, and what is counted of those by which clients call it.

#include "base/metrics.hpp"
#include "pipeline/live/live_state.hpp"
#include "pipeline/live/snapshot.hpp"

namespace triage {

/// Makes a ring for each provider of `snapshot.spec` that has several keys. Such a provider's `api_key` becomes the
/// first of them, for calls that pass through: what one key has stored there, another may not see. Gives each gateway
/// key its metrics; beyond limits.key_metrics they share those of `other`.
void add_keys(Snapshot& snapshot, Metrics& metrics, LiveState& live_state);

}  // namespace triage
