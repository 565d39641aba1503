#pragma once

#include <chrono>
#include <string>

namespace triage {

/// As a person says it: "150ms", "4s" for what is left of that after a millisecond, "1.5s", "90s", "5m".
std::string rounded_duration(std::chrono::milliseconds duration);

}  // namespace triage
