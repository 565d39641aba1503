#include "simulate/question_parts.hpp"

#include "base/ascii.hpp"
#include "simulate/tokens.hpp"

#include "triage/body_padding.hpp"

namespace triage::simulate {

static_assert(body_padding >= simdjson::SIMDJSON_PADDING);

using simdjson::SUCCESS;

std::optional<Fault> parse_object(std::string_view body, simdjson::dom::object& out) {
  thread_local simdjson::dom::parser parser;
  Element root;
  const auto error = parser.parse(body.data(), body.size(), false).get(root);
  if (error != SUCCESS)
    return bad_value(std::string("We could not parse the JSON body of your request: ") + simdjson::error_message(error),
                     {}, "invalid_json");
  if (root.get_object().get(out) != SUCCESS) return bad_value("The JSON body must be an object.", {}, "invalid_json");
  return std::nullopt;
}

std::optional<Fault> read_bool(Element value, std::string_view key, bool& out) {
  if (value.is_null() || value.get_bool().get(out) == SUCCESS) return std::nullopt;
  return bad_value("'" + std::string(key) + "' must be a boolean.", std::string(key), "invalid_type");
}

std::optional<Fault> read_text(Element value, std::string_view key, std::string& out) {
  std::string_view text;
  if (value.get_string().get(text) != SUCCESS)
    return bad_value("'" + std::string(key) + "' must be a string.", std::string(key), "invalid_type");
  out = text;
  return std::nullopt;
}

std::optional<Fault> read_count(Element value, std::string_view key, std::int64_t least, std::int64_t most,
                                std::optional<std::uint32_t>& out) {
  if (value.is_null()) return std::nullopt;
  std::int64_t number = 0;
  if (value.get_int64().get(number) != SUCCESS || number < least || number > most)
    return bad_value("'" + std::string(key) + "' must be an integer from " + std::to_string(least) + " to " +
                         std::to_string(most) + ".",
                     std::string(key));
  out = static_cast<std::uint32_t>(number);
  return std::nullopt;
}

namespace {

constexpr std::int64_t tokens_most = 10'000'000;

std::optional<Fault> read_stops(Element value, std::vector<std::string>& out) {
  if (value.is_null()) return std::nullopt;
  std::string_view text;
  if (value.get_string().get(text) == SUCCESS) {
    if (!text.empty()) out.emplace_back(text);
    return std::nullopt;
  }
  simdjson::dom::array list;
  if (value.get_array().get(list) != SUCCESS || list.size() > 4)
    return bad_value("'stop' must be a string or an array of up to 4 strings.", "stop");
  for (const Element stop : list) {
    if (stop.get_string().get(text) != SUCCESS)
      return bad_value("'stop' must be a string or an array of up to 4 strings.", "stop");
    if (!text.empty()) out.emplace_back(text);
  }
  return std::nullopt;
}

std::optional<Fault> read_stream_options(Element value, bool& include_usage) {
  if (value.is_null()) return std::nullopt;
  simdjson::dom::object options;
  if (value.get_object().get(options) != SUCCESS)
    return bad_value("'stream_options' must be an object.", "stream_options", "invalid_type");
  for (const auto [key, option] : options) {
    if (key == "include_usage")
      if (auto fault = read_bool(option, "stream_options.include_usage", include_usage)) return fault;
  }
  return std::nullopt;
}

bool is_word(char c) noexcept {
  return is_alphanumeric(c) || c == '_' || c == '-';
}

// Whether `name` occurs in `text` as a word of its own.
bool mentions(std::string_view text, std::string_view name) {
  if (name.empty()) return false;
  for (std::size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if ((at == 0 || !is_word(text[at - 1])) && (end == text.size() || !is_word(text[end]))) return true;
  }
  return false;
}

struct Choice {
  enum class Mode : std::uint8_t { none, automatic, required, named } mode = Mode::automatic;
  std::string_view name;
};

std::optional<Fault> read_choice(Element value, Choice& out) {
  std::string_view text;
  if (value.is_null()) return std::nullopt;
  if (value.get_string().get(text) == SUCCESS) {
    if (text == "none") out.mode = Choice::Mode::none;
    if (text == "required") out.mode = Choice::Mode::required;
    if (text == "none" || text == "required" || text == "auto") return std::nullopt;
  } else if (value["function"]["name"].get_string().get(out.name) == SUCCESS) {
    out.mode = Choice::Mode::named;
    return std::nullopt;
  } else if (value["type"].get_string().get(text) == SUCCESS && text == "allowed_tools") {
    return std::nullopt;
  }
  return bad_value("'tool_choice' must be none, auto, required or name a function.", "tool_choice");
}

struct Tool {
  std::string_view name;
  std::optional<Element> parameters;
};

std::optional<Fault> list_tools(Element value, std::vector<Tool>& out, std::uint32_t& tokens) {
  simdjson::dom::array list;
  if (value.get_array().get(list) != SUCCESS) return bad_value("'tools' must be an array.", "tools", "invalid_type");
  for (const Element entry : list) {
    std::string_view type;
    if (entry["type"].get_string().get(type) != SUCCESS)
      return bad_value("Each of 'tools' needs a 'type'.", "tools", "missing_required_parameter");
    tokens += static_cast<std::uint32_t>(count_tokens(simdjson::minify(entry)));
    if (type != "function") continue;
    Tool tool;
    if (entry["function"]["name"].get_string().get(tool.name) != SUCCESS)
      return bad_value("Each function in 'tools' needs a name.", "tools", "missing_required_parameter");
    Element parameters;
    if (entry["function"]["parameters"].get(parameters) == SUCCESS && parameters.is_object())
      tool.parameters = parameters;
    out.push_back(tool);
  }
  return std::nullopt;
}

void want(const Tool& tool, std::vector<WantedCall>& out) {
  WantedCall call;
  call.name = tool.name;
  if (tool.parameters) call.schema = simdjson::minify(*tool.parameters);
  out.push_back(std::move(call));
}

}  // namespace

std::optional<Fault> read_common(std::string_view key, Element value, Question& out, bool& known) {
  known = true;
  if (key == "model") return read_text(value, key, out.model);
  if (key == "stream") return read_bool(value, key, out.stream);
  if (key == "stream_options") return read_stream_options(value, out.include_usage);
  if (key == "max_tokens" || key == "max_completion_tokens")
    return read_count(value, key, 1, tokens_most, out.tokens_max);
  if (key == "stop") return read_stops(value, out.stops);
  if (key == "n") {
    std::optional<std::uint32_t> choices;
    auto fault = read_count(value, key, 1, 128, choices);
    out.choices = choices.value_or(1);
    return fault;
  }
  if (key == "temperature" && !value.is_null()) {
    double temperature = 0;
    if (value.get_double().get(temperature) != SUCCESS || !(temperature >= 0 && temperature <= 2))
      return bad_value("'temperature' must be a number from 0 to 2.", "temperature");
    return std::nullopt;
  }
  known = false;
  return std::nullopt;
}

std::optional<Fault> read_tools(const ToolParts& parts, Question& out) {
  Choice choice;
  if (parts.choice)
    if (auto fault = read_choice(*parts.choice, choice)) return fault;
  std::vector<Tool> tools;
  if (parts.tools && !parts.tools->is_null())
    if (auto fault = list_tools(*parts.tools, tools, out.prompt_tokens)) return fault;
  bool parallel = true;
  if (parts.parallel)
    if (auto fault = read_bool(*parts.parallel, "parallel_tool_calls", parallel)) return fault;

  switch (choice.mode) {
    case Choice::Mode::none: return std::nullopt;
    case Choice::Mode::named:
      for (const Tool& tool : tools) {
        if (tool.name != choice.name) continue;
        want(tool, out.calls);
        return std::nullopt;
      }
      return bad_value("'tool_choice' names a function that is not in 'tools'.", "tool_choice");
    case Choice::Mode::required:
      if (tools.empty()) return bad_value("'tool_choice' is required but there are no 'tools'.", "tool_choice");
      break;
    case Choice::Mode::automatic:
      // A model that has its tools' results answers; calling again would go on forever.
      if (!out.tool_result.empty()) return std::nullopt;
  }
  for (const Tool& tool : tools)
    if (mentions(out.text, tool.name) && (parallel || out.calls.empty())) want(tool, out.calls);
  if (out.calls.empty() && choice.mode == Choice::Mode::required) want(tools.front(), out.calls);
  return std::nullopt;
}

std::optional<Fault> read_response_format(Element value, Question& out) {
  if (value.is_null()) return std::nullopt;
  std::string_view type;
  if (value["type"].get_string().get(type) != SUCCESS)
    return bad_value("'response_format' needs a 'type'.", "response_format.type", "missing_required_parameter");
  if (type == "text") return std::nullopt;
  out.json = true;
  if (type == "json_object") return std::nullopt;
  if (type != "json_schema")
    return bad_value("'response_format.type' must be text, json_object or json_schema.", "response_format.type");
  Element schema;
  if (value["json_schema"]["schema"].get(schema) != SUCCESS || !schema.is_object())
    return bad_value("'response_format.json_schema.schema' must be an object.", "response_format.json_schema.schema",
                     "missing_required_parameter");
  out.json_schema = simdjson::minify(schema);
  return std::nullopt;
}

}  // namespace triage::simulate
