#pragma once
// Whether an answer uses the request's tools correctly.

#include "triage/chat_view.hpp"
#include "triage/completion.hpp"
#include "verify/answer_text.hpp"

#include <optional>
#include <string>

namespace triage::verify {

/// The fault if a call names an undeclared tool, or has arguments that are not a JSON object or do not satisfy the
/// tool's schema. The first 32 calls are checked. Only a whole answer is faulted.
std::optional<std::string> find_tool_failure(const ChatView& request, const Completion& answer);

/// The fault if a whole answer makes a call against `tool_choice`, makes none where it requires one, or writes a call
/// as text: "<tool_call>", JSON that names a declared tool and its arguments, "weather(city=...)". Text that the user's
/// message contains does not count.
std::optional<std::string> find_tool_misuse(const ChatView& request, const Completion& answer, const AnswerText& text);

}  // namespace triage::verify
