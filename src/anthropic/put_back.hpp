#pragma once
// Thoughts that a client left out of its history, put back into a body that is passed on.

#include "blocks/own_history.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace triage::anthropic {

/// `body` is a request, checked, and followed by body_padding readable bytes. `missing` is in the order of the turns.
std::string with_thoughts(std::string_view body, const std::vector<MissingThoughts>& missing);

}  // namespace triage::anthropic
