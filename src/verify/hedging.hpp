#pragma once
// Whether an answer says of itself that it may be wrong.

#include "verify/answer_text.hpp"

#include <optional>
#include <string>

namespace triage::verify {

/// By one of lexicon.hpp's `hedges`, or by `doubts`: at least four, and one for every 200 bytes that are searched.
/// What the user asked about (`asked` holds the phrase) is no hedge.
std::optional<std::string> find_hedging(const AnswerText& text, const ChatView& asked);

}  // namespace triage::verify
