#pragma once
// Whether there is an answer, and whether it came to its end.

#include "triage/completion.hpp"

#include <optional>
#include <string>

namespace triage::verify {

/// Neither text but blanks, nor a refusal, nor a tool call. `whole` as in Answered.
std::optional<std::string> find_empty(const Completion& answer, bool whole);

/// Cut off by a limit of tokens.
std::optional<std::string> find_truncation(const Completion& answer);

}  // namespace triage::verify
