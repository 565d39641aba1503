#pragma once
// usageMetadata of Gemini's answers.

#include "json/json.hpp"
#include "triage/usage.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace triage::gemini {

/// Consumes the value of `usageMetadata`. nullopt: it has no figures. What is used of tools counts as input, and
/// thoughts as output, as they are billed. A tier that it names goes to `service_tier`.
std::optional<UsageReport> read_usage(JsonReader& in, std::string_view& service_tier);

/// Appends the object in Gemini's words.
void append_usage(std::string& out, const UsageReport& report);

}  // namespace triage::gemini
