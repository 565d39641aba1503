#pragma once
// Whether an answer is the JSON that the request asked for.

#include "triage/chat_view.hpp"
#include "triage/completion.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace triage::verify {

/// Whether the request has response_format json_object or json_schema, and the answer is not tool calls, to which that
/// format does not apply.
bool json_is_wanted(const ChatView& request, const Completion& answer);

/// If json_is_wanted(): the fault if the answer's text is not a JSON object (json_object), not JSON, or does not
/// satisfy the request's schema (json_schema). Of an answer that is not `whole`: if it does not begin like an object.
std::optional<std::string> find_json_failure(const ChatView& request, const Completion& answer, bool whole);

/// What the schemas of the answer's JSON and of its calls contain but nobody checks, as in "not checked: format,
/// unevaluatedProperties". Empty: nothing.
std::string unchecked_part(const ChatView& request, const Completion& answer);

}  // namespace triage::verify
