#pragma once
// What an answer says, out of the bytes that a client gets (OpenAI's API reference: chat/completion objects and chunks,
// completions).

#include "triage/completion.hpp"

#include <string_view>

namespace triage {

/// Adds what `json` says of the first choice: a whole answer, or the data of one event of a streamed one.
/// body_padding readable bytes behind. What is no JSON, or of another shape, adds what could be read of it.
void add_to_completion(std::string_view json, Completion& out);

/// Of a whole answer. body_padding readable bytes behind.
Completion read_completion(std::string_view body);

}  // namespace triage
