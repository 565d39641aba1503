#include "verify/answer_format.hpp"

#include "json/json_schema.hpp"
#include "verify/context.hpp"

namespace triage::verify {
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

}  // namespace triage::verify
