#pragma once
// Bodies that are passed on, with what other models' turns in them ask for: thoughts that a client left out of its
// history are put back; where there are none, the model is not to think.

#include "blocks/own_history.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace triage::anthropic {

/// `body` is a request, checked, and followed by body_padding readable bytes. `missing` is in the order of the turns.
std::string with_thoughts(std::string_view body, const std::vector<MissingThoughts>& missing);

/// `body`, as above, with thinking turned off; as it is if it does not name it.
std::string without_thinking(std::string_view body);

}  // namespace triage::anthropic
