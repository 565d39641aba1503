#pragma once
// The shared view of an answer (triage/answer.hpp) of what a block event says, for clients that do not speak chat
// completions.

#include "triage/answer.hpp"
#include "triage/blocks.hpp"

namespace triage {

/// Adds what `event` says to `out`: pieces, calls, the first choice, usage. Views are the event's.
void add_to_event(const BlockEvent& event, AnswerEvent& out);

}  // namespace triage
