#include "verify/answer_format.hpp"

#include "json/json_schema.hpp"
#include "verify/context.hpp"

#include <algorithm>

namespace triage::verify {
namespace {

constexpr std::size_t calls_max = 32;

std::optional<std::string> failure_of(const DeclaredTool& tool, const ToolCall& call) {
  if (!tool.json) return std::nullopt;
  // Models leave them out where there are none to give.
  const bool none = call.arguments.find_first_not_of(" \t\r\n") == std::string::npos;
  const std::string_view arguments = none ? std::string_view("{}") : std::string_view(call.arguments);
  if (!is_json(arguments, true)) return "the arguments of tool " + tool.name + " are no JSON object";
  std::optional<std::string> problem;
  if (!tool.parameters.empty()) problem = schema_problem(tool.parameters, arguments);
  if (problem) problem = "arguments of tool " + tool.name + ": " + *problem;
  return problem;
}

}  // namespace

bool json_is_wanted(const ApiRequest& request, const Completion& answer) {
  return request.outline.response_format != ResponseFormat::none && answer.tool_calls.empty();
}

std::optional<std::string> find_json_failure(const ApiRequest& request, const Completion& answer, bool whole) {
  if (!json_is_wanted(request, answer)) return std::nullopt;
  const std::string_view text = answer.text;
  const bool object = request.outline.response_format == ResponseFormat::json_object;
  if (!whole) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (!object || first == std::string_view::npos || text[first] == '{') return std::nullopt;
    return "the answer does not begin as a JSON object does";
  }
  if (!is_json(text, object)) return object ? "the answer is no JSON object" : "the answer is no JSON";
  if (object) return std::nullopt;
  const std::string_view schema = schema_wanted(request);
  std::optional<std::string> problem;
  if (!schema.empty()) problem = schema_problem(schema, text);
  if (problem) problem = "JSON: " + *problem;
  return problem;
}

std::optional<std::string> find_tool_failure(const ApiRequest& request, const Completion& answer) {
  const std::size_t count = std::min(answer.tool_calls.size(), calls_max);
  if (count == 0) return std::nullopt;
  std::vector<bool> known(count);
  std::optional<std::string> problem;
  each_tool(request, [&](const DeclaredTool& tool) {
    for (std::size_t i = 0; i < count && !problem; ++i)
      if (answer.tool_calls[i].name == tool.name) {
        known[i] = true;
        problem = failure_of(tool, answer.tool_calls[i]);
      }
    return !problem;
  });
  if (!problem && std::find(known.begin(), known.end(), false) != known.end())
    problem = "the answer calls a tool that the request does not declare";
  return problem;
}

}  // namespace triage::verify
