#pragma once
// Puts an answer together from its events.

#include "triage/answer.hpp"
#include "triage/completion.hpp"

#include <vector>

namespace triage {

/// Adds what `event` says about the first choice.
void add_to_completion(const AnswerEvent& event, Completion& out);

/// Adds what `event` says about the other choices, the second one first. Choices from the 129th on are left out.
void add_to_others(const AnswerEvent& event, std::vector<Completion>& out);

}  // namespace triage
