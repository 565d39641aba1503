#pragma once
// Cuts from an answer, before the client gets it, what the gateway asked for and the client did not. Only answers from
// which something is cut are rewritten.

#include <cstddef>
#include <string>
#include <string_view>

namespace triage {

struct AnswerEdit {
  std::size_t text_bytes;  ///< of the first choice's text: what follows them is cut
  bool drop_logprobs = false;
};

/// Edits a whole answer. A body that is not a JSON object is returned unchanged.
std::string edited_answer(std::string_view body, const AnswerEdit& edit);

/// Edits a stream's events, in LF framing. Events remain, even if they say nothing any more.
std::string edited_events(std::string_view events, const AnswerEdit& edit);

}  // namespace triage
