#pragma once
// The print of a request's question, for the signal `retry`.

#include "text/question_print.hpp"
#include "triage/chat_view.hpp"

namespace triage {

/// Of the text of the last user turn. A text in one piece that is surely longer than QuestionPrint::short_bytes_max is
/// neither unescaped nor read whole: who asks it again spells it again in the same way.
QuestionPrint question_print(const ChatView& view);

}  // namespace triage
