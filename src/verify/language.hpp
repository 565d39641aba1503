#pragma once
// Whether an answer is in another language than its question.

#include "triage/chat_view.hpp"
#include "verify/answer_text.hpp"

#include <optional>
#include <string>

namespace triage::verify {

/// The fault if it is, according to CLD2, or to the script where CLD2 cannot tell. Code, names and formulas are
/// ignored, and short or mixed texts have no language. If any message speaks of a language or of translating, any
/// language is accepted, as is that of the question's first and last line. The first 2 KiB of prose in question and
/// answer are examined.
std::optional<std::string> find_other_language(const ChatView& request, const AnswerText& text);

}  // namespace triage::verify
