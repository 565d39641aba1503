#pragma once

#include "triage/usage.hpp"

#include <optional>
#include <string_view>

namespace triage {
class JsonReader;
}

namespace triage::openai {

/// Consumes the value of a `usage` member. nullopt if it is null or any other non-object, or an object without any
/// figure. Unknown keys are ignored. A service tier that it names goes to `service_tier`.
std::optional<UsageReport> read_usage(JsonReader& in, std::string_view& service_tier);

}  // namespace triage::openai
