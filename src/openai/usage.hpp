#pragma once

#include "triage/request.hpp"

#include <optional>

namespace triage {
class JsonReader;
}

namespace triage::openai {

/// Consumes the value of a `usage` member. nullopt if it is null or any other non-object, or an object without any
/// count. Unknown keys are ignored.
std::optional<Usage> read_usage(JsonReader& in);

}  // namespace triage::openai
