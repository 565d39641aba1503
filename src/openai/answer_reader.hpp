#pragma once
// Reads the JSON of an answer (OpenAI's API reference: chat completion objects and chunks, completions) into an event,
// in one walk that checks all of it.

#include "triage/answer.hpp"
#include "triage/completion.hpp"

#include <cstdint>
#include <string_view>

namespace triage {

/// Where the text of a choice is. Some servers repeat everything said so far in a chunk's `message`.
enum class AnswerForm : std::uint8_t {
  whole,  ///< in `message`
  chunk,  ///< in `delta`
  any     ///< in either
};

/// Fills in `out`, which must be empty except for `verbatim`. `json` must be followed by body_padding readable bytes,
/// and `out`'s views point into it. False: `json` is not a valid JSON object; `out` has what could be read.
bool read_answer(std::string_view json, AnswerForm form, AnswerEvent& out);

/// Reads an answer that clients may refuse. If `json` is only almost JSON (json/mend.hpp), it is mended in
/// `out.mended`, with `before` and `behind` around it, and `out.verbatim` is all of that; otherwise `out.verbatim` is
/// `verbatim`.
bool read_answer_mended(std::string_view json, AnswerForm form, std::string_view verbatim, std::string_view before,
                        std::string_view behind, AnswerEvent& out);

/// Adds what `json`, a whole answer or a chunk, says about the first choice. Of invalid JSON it adds what could be
/// read.
void add_to_completion(std::string_view json, Completion& out);

/// Reads a whole answer.
Completion read_completion(std::string_view body);

}  // namespace triage
