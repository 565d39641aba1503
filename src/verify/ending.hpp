#pragma once
// Whether there is an answer, and whether it is complete.

#include "triage/completion.hpp"

#include <optional>
#include <string>

namespace triage::verify {

/// The fault if the answer has only white space, and no refusal, tool call, audio or image. `whole` is as in Answered.
std::optional<std::string> find_empty(const Completion& answer, bool whole);

/// The fault if the answer was cut off by a token limit or in the middle. The latter is a whole answer that leaves a
/// code fence (except around complete JSON) or a <think> open. A fence is closed by one without a word behind it;
/// others open a nested one, as models write them.
std::optional<std::string> find_truncation(const Completion& answer, bool whole);

}  // namespace triage::verify
