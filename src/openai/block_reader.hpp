#pragma once
// A chat request free of its dialect: what its members mean, for a provider that speaks another one.

#include "triage/blocks.hpp"

namespace triage::openai {

/// Reads a request of Api::chat, whose body is valid JSON. Views point into the body. Members that are null, or that
/// say what holds anyway (`n` of 1), count as absent. Error: invalid_value with the param of what cannot be read.
Result<BlockRequest> read_blocks(const ApiRequest& request);

}  // namespace triage::openai
