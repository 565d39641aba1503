#pragma once
// Reads the JSON of an answer (OpenAI's API reference: chat completion objects and chunks, completions) into an event,
// in one walk that checks all of it.

#include "triage/answer.hpp"
#include "triage/completion.hpp"

#include <cstdint>
#include <string_view>

namespace triage {

/// Where the text of a choice stands. Some servers repeat in a chunk's `message` all that was said before.
enum class AnswerForm : std::uint8_t {
  whole,  ///< in `message`
  chunk,  ///< in `delta`
  any     ///< in either
};

/// Fills in `out`, which is empty, but for `verbatim`. `json` has body_padding readable bytes behind, and `out`'s views
/// point into it. False: it is not a valid JSON object; what could be read is there.
bool read_answer(std::string_view json, AnswerForm form, AnswerEvent& out);

/// Adds what `json`, a whole answer or a chunk, says of the first choice. What is not JSON adds what could be read.
void add_to_completion(std::string_view json, Completion& out);

/// Of a whole answer.
Completion read_completion(std::string_view body);

}  // namespace triage
