#pragma once
// What changes for requests between two configurations.

#include "config/diff.hpp"

#include <vector>

namespace triage {

/// Requests that go to another route or deployment than before, and then every key that differs. Both specs must have
/// been checked.
std::vector<Change> traffic_changes(const ConfigSpec& before, const ConfigSpec& after);

}  // namespace triage
