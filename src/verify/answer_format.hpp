#pragma once
// Whether an answer is the JSON that the request asked for.

#include "triage/chat_view.hpp"
#include "triage/completion.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace triage::verify {

/// Of a request with response_format json_object or json_schema. An answer of tool calls has no such form to keep.
bool json_is_wanted(const ChatView& request, const Completion& answer);

/// If json_is_wanted(): the answer's text is no JSON object (json_object), no JSON, or does not satisfy the request's
/// schema (json_schema). Of an answer that is not whole: it does not begin like an object.
std::optional<std::string> find_json_failure(const ChatView& request, const Completion& answer, bool whole);

/// What the schemas of the answer's JSON and of its calls hold and are not looked at for: "format", as in "not checked:
/// format, unevaluatedProperties". Empty: nothing.
std::string unchecked_part(const ChatView& request, const Completion& answer);

}  // namespace triage::verify
