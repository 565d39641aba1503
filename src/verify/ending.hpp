#pragma once
// Whether there is an answer, and whether it came to its end.

#include "triage/completion.hpp"

#include <optional>
#include <string>

namespace triage::verify {

/// Neither text but blanks, nor a refusal, a tool call, sound or pictures. `whole` as in Answered.
std::optional<std::string> find_empty(const Completion& answer, bool whole);

/// Cut off by a limit of tokens, or in the middle: a whole answer whose code fence (but for JSON that is
/// whole) or whose <think> is left open. A fence is closed by one without a word behind it; others open one inside, as
/// models nest them.
std::optional<std::string> find_truncation(const Completion& answer, bool whole);

}  // namespace triage::verify
