#pragma once
// Puts an answer together from its events.

#include "triage/answer.hpp"
#include "triage/completion.hpp"

namespace triage {

/// Adds what `event` says about the first choice.
void add_to_completion(const AnswerEvent& event, Completion& out);

}  // namespace triage
