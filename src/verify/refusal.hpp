#pragma once
// Whether an answer declines to do what was asked.

#include "triage/completion.hpp"
#include "verify/answer_text.hpp"

#include <optional>
#include <string>

namespace triage::verify {

/// The fault if the answer refuses: by the model's own word (`refusal`), its provider's (finish_reason content_filter),
/// or a phrase of lexicon.hpp in the first 400 characters that is not in quotes. A phrase that the user's text
/// (`asked`) contains does not count.
std::optional<std::string> find_refusal(const Completion& answer, const AnswerText& text, const ChatView& asked);

}  // namespace triage::verify
