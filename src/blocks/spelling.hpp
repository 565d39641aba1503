#pragma once
// JSON strings as they were spelled, in what the gateway writes itself.

#include "json/json.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// Appends the inside of a JSON string, or a whole JSON text, with U+0085, U+2028 and U+2029 escaped: no line ends in a
/// stream of events, but some clients split there (Python's str.splitlines).
void append_spelled(std::string& out, std::string_view raw);

/// Appends a JSON list of these strings, as a request spelled them.
void append_list(std::string& out, const std::vector<JsonString>& texts);

}  // namespace triage
