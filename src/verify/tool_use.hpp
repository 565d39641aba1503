#pragma once
// Whether an answer uses the request's tools as it may.

#include "triage/chat_view.hpp"
#include "triage/completion.hpp"
#include "verify/answer_text.hpp"

#include <optional>
#include <string>

namespace triage::verify {

/// A call whose name the request does not declare, whose arguments are no JSON object, or do not satisfy the tool's
/// schema. The first 32 calls are looked at. Only a whole answer has any.
std::optional<std::string> find_tool_failure(const ChatView& request, const Completion& answer);

/// A call against `tool_choice`, or none where it asks for one; a call that is written as text: "<tool_call>", JSON
/// that names a declared tool and its arguments, "weather(city=...)". Of a whole answer. What the user's own text
/// holds is no call.
std::optional<std::string> find_tool_misuse(const ChatView& request, const Completion& answer, const AnswerText& text);

}  // namespace triage::verify
