#include "verify/tool_use.hpp"

#include "json/json.hpp"
#include "json/json_schema.hpp"
#include "verify/answer_chars.hpp"
#include "verify/loose_json.hpp"

#include <algorithm>
#include <vector>

namespace triage::verify {
namespace {

using nlohmann::json;

constexpr std::size_t calls_max = 32;
constexpr std::size_t tools_max = 256;

std::optional<std::string> failure_of(const DeclaredTool& tool, const ToolCall& call) {
  if (!tool.json) return std::nullopt;
  // Models leave the arguments out if there are none, or write null.
  const std::string_view written = trimmed(call.arguments);
  const bool none = written.empty() || written == "null" || written == "\"\"";
  const std::string_view arguments = none ? std::string_view("{}") : std::string_view(call.arguments);
  if (!is_json(arguments, true)) return "the arguments of tool " + tool.name + " are no JSON object";
  std::optional<std::string> problem;
  if (!tool.parameters.empty()) problem = schema_problem(tool.parameters, arguments);
  if (problem) problem = "arguments of tool " + tool.name + ": " + *problem;
  return problem;
}

// How models write calls that their server did not recognise.
constexpr std::string_view marks[] = {
    "<tool_call>",      "<tool_calls>",          "_tool_call>",  ":tool_call>",          "<function_call>",
    "<function_calls>", "<start_function_call>", "<function=",   "<|tool_call",          "<|python_tag|>",
    "[TOOL_CALLS]",     "<invoke name",          "<tool_use>",   "<tool_code>",          "<|action_start|>",
    "to=functions.",    "\u273fFUNCTION\u273f",  "```tool_code", "```tool_call",         "```tool_use",
    "```function_call", "~~~tool_code",          "~~~tool_call", "<\uff5ctool\u2581call"};

bool is_name(const json& value, const std::vector<std::string>& tools) {
  if (!value.is_string()) return false;
  const auto& name = value.get_ref<const std::string&>();
  return std::find(tools.begin(), tools.end(), name.starts_with("functions.") ? name.substr(10) : name) != tools.end();
}

// {"name": a tool, "arguments": ...}, a list of these, or one inside "function" or "tool_calls".
bool is_call(const json& value, const std::vector<std::string>& tools, int depth = 4) {
  if (depth == 0) return false;
  if (value.is_array()) return !value.empty() && is_call(value[0], tools, depth - 1);
  if (!value.is_object()) return false;
  bool named = false;
  for (const char* key : {"name", "tool", "tool_name", "function", "function_name", "action", "recipient_name"})
    if (const auto found = value.find(key); found != value.end()) named = named || is_name(*found, tools);
  if (named)
    for (const char* key : {"arguments", "parameters", "args", "input", "tool_input", "action_input", "tool_arguments"})
      if (value.contains(key)) return true;
  for (const char* key : {"function", "tool_call", "function_call", "tool_calls"})
    if (const auto found = value.find(key); found != value.end() && is_call(*found, tools, depth - 1)) return true;
  return false;
}

bool is_identifier(std::string_view text) {
  return !text.empty() && !is_digit(text[0]) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_alphanumeric(c) || c == '_'; });
}

// "print(weather(" as "weather(": without what programs have before a call.
std::string_view without_program(std::string_view line) {
  constexpr std::string_view before[] = {"[",      "(",     "print(", "await ", "return ", "functions.", "default_api.",
                                         "tools.", "tool.", "api."};
  for (bool more = true; more;) {
    more = false;
    for (const std::string_view each : before)
      if (line.starts_with(each)) {
        line = trimmed(line.substr(each.size()));
        more = true;
      }
    const std::size_t assigned = line.find('=');
    if (assigned != std::string_view::npos && is_identifier(trimmed(line.substr(0, assigned)))) {
      line = trimmed(line.substr(assigned + 1));
      more = true;
    }
  }
  return line;
}

// "weather(city="Rome")", "[weather(city="Rome")]", "print(weather(city="Rome"))", alone or in the last line.
bool is_written_call(std::string_view text, const std::vector<std::string>& tools) {
  text = trimmed(text, " \t\r\n`~");
  const std::string_view line = trimmed(text.substr(text.rfind('\n') + 1), " \t`;");
  if (!line.ends_with(')') && !line.ends_with(")]")) return false;
  const std::string_view call = without_program(line);
  return std::any_of(tools.begin(), tools.end(), [&](const std::string& tool) { return call.starts_with(tool + "("); });
}

bool stands_in(std::string_view words, std::string_view word) {
  return words.find("|" + std::string(word) + "|") != std::string_view::npos;
}

// "Action: weather" and then "Action Input: {...}", each in a line; "Action: weather[Rome]" in one.
bool has_labelled_call(std::string_view text, const std::vector<std::string>& tools) {
  constexpr std::string_view decoration = " \t\r*`#>_\"-";
  bool named = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = trimmed(text.substr(at, end - at), decoration);
    at = end + 1;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) {
      named = named && line.empty();
      continue;
    }
    const std::string label = to_lower(trimmed(line.substr(0, colon), decoration));
    const std::string_view value = trimmed(line.substr(colon + 1), decoration);
    if (named && stands_in("|action input|action_input|arguments|args|parameters|input|tool input|tool_input|", label))
      return true;
    named = false;
    if (!stands_in("|action|tool|function|tool name|tool_name|function name|function call|tool call|", label)) continue;
    for (const std::string& tool : tools) {
      const std::string_view rest = value.starts_with(tool) ? value.substr(tool.size()) : "-";
      named = named || rest.empty();
      if (rest.starts_with('[') || rest.starts_with('(') || rest.starts_with('{')) return true;
    }
  }
  return false;
}

std::optional<std::string> find_written_call(const ChatView& request, std::string_view text) {
  std::vector<std::string> tools;
  request.each_tool([&](const DeclaredTool& tool) {
    tools.push_back(tool.name);
    return tools.size() < tools_max;
  });
  if (tools.empty()) return std::nullopt;
  const std::string problem = "the answer writes a tool call as text";
  for (const std::string_view mark : marks)
    if (text.find(mark) != std::string_view::npos && request.text().find(mark) == std::string_view::npos)
      return problem;
  if (is_written_call(text, tools) || has_labelled_call(text, tools)) return problem;
  const std::optional<JsonIn> in = json_in(text);
  if (in && is_call(in->value, tools)) return problem;
  return std::nullopt;
}

// Whether the request says parallel_tool_calls: false. Only answers with several calls pay for this pass over the body.
bool wants_one_call(const ChatView& request) {
  if (request.request() == nullptr) return false;
  JsonReader in(request.request()->body);
  bool parallel = true;
  each_member(in, [&](const JsonString& name) {
    if (!name.is("parallel_tool_calls") || in.kind() != JsonReader::Kind::boolean || !in.boolean(parallel))
      in.skip_unchecked();
  });
  return !parallel;
}

}  // namespace

std::optional<std::string> find_tool_failure(const ChatView& request, const Completion& answer) {
  const std::size_t count = std::min(answer.tool_calls.size(), calls_max);
  if (count == 0) return std::nullopt;
  std::vector<bool> known(count);
  std::optional<std::string> problem;
  request.each_tool([&](const DeclaredTool& tool) {
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

std::optional<std::string> find_tool_misuse(const ChatView& request, const Completion& answer, const AnswerText& text) {
  if (!request.tools) return std::nullopt;
  const ToolChoice choice = request.tool_choice();
  if (choice.none && !answer.tool_calls.empty()) return "the answer calls a tool, and tool_choice is none";
  const auto is_chosen = [&](const ToolCall& call) { return call.name == choice.name; };
  if (!choice.name.empty() && !std::all_of(answer.tool_calls.begin(), answer.tool_calls.end(), is_chosen))
    return "the answer calls another tool than tool_choice names";
  const auto is_allowed = [&](const ToolCall& call) {
    return std::find(choice.allowed->begin(), choice.allowed->end(), call.name) != choice.allowed->end();
  };
  if (choice.allowed && !std::all_of(answer.tool_calls.begin(), answer.tool_calls.end(), is_allowed))
    return "the answer calls a tool that is not among allowed_tools";
  if (answer.tool_calls.size() > 1 && wants_one_call(request))
    return "the answer calls several tools, and parallel_tool_calls is false";
  if (!answer.tool_calls.empty()) return std::nullopt;
  if (auto problem = find_written_call(request, text.text)) return problem;
  if (choice.required) return "the answer calls no tool, and tool_choice asks for one";
  if (answer.finish_reason == "tool_calls" || answer.finish_reason == "function_call")
    return "the finish_reason speaks of tool calls, and there are none";
  return std::nullopt;
}

}  // namespace triage::verify
