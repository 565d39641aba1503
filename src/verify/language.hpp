#pragma once
// Whether an answer is in another language than its question.

#include "triage/chat_view.hpp"
#include "verify/answer_text.hpp"

#include <optional>
#include <string>

namespace triage::verify {

/// By CLD2, and by script where that cannot tell. Code, names and formulas are no language, short texts and
/// mixed ones have none; where any message speaks of a language or of translating, every language will do, as will that
/// of the question's first and last line. The first 2 KiB of prose in question and answer are looked at.
std::optional<std::string> find_other_language(const ChatView& request, const AnswerText& text);

}  // namespace triage::verify
