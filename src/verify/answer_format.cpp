#include "verify/answer_format.hpp"

#include "json/json_schema.hpp"

#include <algorithm>
#include <set>

namespace triage::verify {
bool json_is_wanted(const ChatView& request, const Completion& answer) {
  return request.response_format != ResponseFormat::none && answer.tool_calls.empty();
}

std::optional<std::string> find_json_failure(const ChatView& request, const Completion& answer, bool whole) {
  if (!json_is_wanted(request, answer)) return std::nullopt;
  const std::string_view text = answer.text;
  const bool object = request.response_format == ResponseFormat::json_object;
  if (!whole) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (!object || first == std::string_view::npos || text[first] == '{') return std::nullopt;
    return "the answer does not begin as a JSON object does";
  }
  if (!is_json(text, object)) return object ? "the answer is no JSON object" : "the answer is no JSON";
  if (object) return std::nullopt;
  const std::string_view schema = request.schema();
  std::optional<std::string> problem;
  if (!schema.empty()) problem = schema_problem(schema, text);
  if (problem) problem = "JSON: " + *problem;
  return problem;
}

std::string unchecked_part(const ChatView& request, const Completion& answer) {
  std::set<std::string> names;
  const auto add = [&](std::string_view schema) {
    if (!schema.empty())
      for (std::string& name : unchecked_keywords(schema)) names.insert(std::move(name));
  };
  if (request.response_format == ResponseFormat::json_schema && answer.tool_calls.empty()) add(request.schema());
  const auto is_called = [&](const DeclaredTool& tool) {
    return std::ranges::any_of(answer.tool_calls, [&](const ToolCall& call) { return call.name == tool.name; });
  };
  if (!answer.tool_calls.empty())
    request.each_tool([&](const DeclaredTool& tool) {
      if (is_called(tool)) add(tool.parameters);
      return true;
    });
  std::string out;
  for (const std::string& name : names) out.append(out.empty() ? "not checked: " : ", ").append(name);
  return out;
}

}  // namespace triage::verify
