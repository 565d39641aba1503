#pragma once

#include "json/json.hpp"
#include "triage/error.hpp"

#include <cstdint>
#include <string_view>

namespace triage {

/// Reads a client's body, which finds names that occur twice in an object. To be used, one at a time in a thread, until
/// finish(). Error: invalid_json (no UTF-8, or no object).
Result<JsonReader> body_reader(std::string_view body, std::uint32_t depth_max);

}  // namespace triage
