#pragma once
// Whether an answer says that it may be wrong.

#include "verify/answer_text.hpp"

#include <optional>
#include <string>

namespace triage::verify {

/// The fault if the answer has one of lexicon.hpp's `hedges`, or enough of its `doubts`: at least four, and one per 200
/// bytes searched. A phrase that the user's text (`asked`) contains does not count.
std::optional<std::string> find_hedging(const AnswerText& text, const ChatView& asked);

}  // namespace triage::verify
