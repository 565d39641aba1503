#pragma once
// {"google":{"thought_signature":"..."}}: where Google's chat completions have the signature of a call or a text.

#include "json/json.hpp"

namespace triage::openai {

/// Consumes one value. Empty: it has no signature.
JsonString read_thought_signature(JsonReader& in);

}  // namespace triage::openai
