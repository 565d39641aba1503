#pragma once
// Reads members of a request body, each with its fault. Only question*.cpp include this, because simdjson.h is heavy.

#include "simulate/question.hpp"

#include <simdjson.h>

namespace triage::simulate {

using Element = simdjson::dom::element;

/// Parses with this thread's parser: the element is valid until the thread parses again.
std::optional<Fault> parse_object(std::string_view body, simdjson::dom::object& out);

/// `value` may be null, which leaves `out` alone.
std::optional<Fault> read_bool(Element value, std::string_view key, bool& out);
std::optional<Fault> read_text(Element value, std::string_view key, std::string& out);
std::optional<Fault> read_count(Element value, std::string_view key, std::int64_t least, std::int64_t most,
                                std::optional<std::uint32_t>& out);

/// Reads a member that chat and completion requests share. `known` tells whether `key` is one.
std::optional<Fault> read_common(std::string_view key, Element value, Question& out, bool& known);

/// tools, tool_choice and parallel_tool_calls, each if given: fills `out.calls`. Needs `out.text` and
/// `out.tool_result`.
struct ToolParts {
  std::optional<Element> tools, choice, parallel;
};
std::optional<Fault> read_tools(const ToolParts& parts, Question& out);

std::optional<Fault> read_response_format(Element value, Question& out);

}  // namespace triage::simulate
