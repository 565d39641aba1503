#include "simulate/question.hpp"

#include "base/text.hpp"
#include "simulate/chance.hpp"
#include "simulate/question_parts.hpp"
#include "simulate/tokens.hpp"

#include <algorithm>

// Tokens of a chat prompt, as OpenAI counts them for its own encodings: 3 a message for its frame, those of its role,
// text, name and tool calls, and 3 for the beginning of the answer. A part that is not text counts image_tokens.

namespace triage::simulate {

namespace {

using simdjson::SUCCESS;

constexpr std::uint32_t frame_tokens = 3;
constexpr std::uint32_t image_tokens = 85;
constexpr std::size_t prompts_most = 2048;

std::uint32_t tokens_of(std::string_view text) {
  return static_cast<std::uint32_t>(count_tokens(text));
}

// Receives all messages in order.
class Conversation {
 public:
  explicit Conversation(Question& out) : out_(out) {}

  std::optional<Fault> hear(Element message) {
    std::string_view role;
    if (message["role"].get_string().get(role) != SUCCESS)
      return bad_value("Each of 'messages' needs a 'role'.", "messages", "missing_required_parameter");
    constexpr std::array<std::string_view, 6> roles{"system", "developer", "user", "assistant", "tool", "function"};
    if (std::find(roles.begin(), roles.end(), role) == roles.end())
      return bad_value("'" + std::string(role) + "' is not a role: use system, developer, user, assistant or tool.",
                       "messages");
    if (role == "user") {
      out_.text.clear();
      out_.tool_result.clear();
      out_.images = 0;
    }
    out_.fingerprint = mix(out_.fingerprint, role);
    out_.prompt_tokens += frame_tokens + tokens_of(role);
    Element content;
    if (message["content"].get(content) == SUCCESS && !content.is_null()) {
      if (auto fault = hear_content(role, content)) return fault;
    }
    std::string_view name;
    if (message["name"].get_string().get(name) == SUCCESS) out_.prompt_tokens += 1 + tokens_of(name);
    Element calls;
    if (message["tool_calls"].get(calls) == SUCCESS && calls.is_array()) {
      const std::string text = simdjson::minify(calls);
      out_.prompt_tokens += tokens_of(text);
      out_.fingerprint = mix(out_.fingerprint, text);
    }
    return std::nullopt;
  }

 private:
  std::optional<Fault> hear_content(std::string_view role, Element content) {
    std::string_view text;
    if (content.get_string().get(text) == SUCCESS) {
      say(role, text);
      return std::nullopt;
    }
    simdjson::dom::array parts;
    if (content.get_array().get(parts) != SUCCESS)
      return bad_value("'content' must be a string or an array of parts.", "messages", "invalid_type");
    for (const Element part : parts) {
      std::string_view type;
      if (part["type"].get_string().get(type) != SUCCESS)
        return bad_value("Each part of 'content' needs a 'type'.", "messages", "missing_required_parameter");
      if (type == "text" || type == "refusal") {
        if (part[type].get_string().get(text) != SUCCESS)
          return bad_value("A part of type text needs 'text'.", "messages", "missing_required_parameter");
        say(role, text);
      } else {
        ++out_.images;
        out_.prompt_tokens += image_tokens;
        out_.fingerprint = mix(out_.fingerprint, type);
      }
    }
    return std::nullopt;
  }

  void say(std::string_view role, std::string_view text) {
    out_.fingerprint = mix(out_.fingerprint, text);
    out_.prompt_tokens += tokens_of(text);
    std::string* heard = role == "user"                         ? &out_.text
                         : role == "tool" || role == "function" ? &out_.tool_result
                                                                : nullptr;
    if (heard == nullptr) return;
    if (!heard->empty()) *heard += '\n';
    *heard += text;
  }

  Question& out_;
};

std::optional<Fault> read_logprobs(Element value, std::string_view key, Question& out) {
  if (key == "logprobs") return read_bool(value, key, out.logprobs);
  std::optional<std::uint32_t> top;
  auto fault = read_count(value, key, 0, 20, top);
  out.top_logprobs = top.value_or(0);
  return fault;
}

// Writes the numbers of a token array, separated by spaces; false if it contains anything else.
bool write_tokens(simdjson::dom::array tokens, std::string& out) {
  for (const Element token : tokens) {
    std::int64_t id = 0;
    if (token.get_int64().get(id) != SUCCESS || id < 0) return false;
    if (!out.empty()) out += ' ';
    out += std::to_string(id);
  }
  return true;
}

// Reads a string, an array of strings, an array of tokens, or an array of those: one text each, and the tokens of all.
std::optional<Fault> read_inputs(Element value, std::string_view key, std::vector<std::string>& out,
                                 std::vector<std::uint32_t>& tokens) {
  const auto add = [&](std::string text, std::size_t count) {
    out.push_back(std::move(text));
    tokens.push_back(static_cast<std::uint32_t>(count));
  };
  const auto wrong = [&] {
    return bad_value("'" + std::string(key) + "' must be a string, an array of 1 to " + std::to_string(prompts_most) +
                         " strings, or arrays of token numbers.",
                     std::string(key), "invalid_type");
  };
  std::string_view text;
  if (value.get_string().get(text) == SUCCESS) {
    add(std::string(text), count_tokens(text));
    return std::nullopt;
  }
  simdjson::dom::array list;
  if (value.get_array().get(list) != SUCCESS || list.size() == 0) return wrong();
  if ((*list.begin()).is_number()) {
    std::string written;
    if (!write_tokens(list, written)) return wrong();
    add(std::move(written), list.size());
    return std::nullopt;
  }
  if (list.size() > prompts_most) return wrong();
  for (const Element entry : list) {
    simdjson::dom::array numbers;
    std::string written;
    if (entry.get_string().get(text) == SUCCESS) {
      add(std::string(text), count_tokens(text));
    } else if (entry.get_array().get(numbers) == SUCCESS && write_tokens(numbers, written)) {
      add(std::move(written), numbers.size());
    } else {
      return wrong();
    }
  }
  return std::nullopt;
}

Fault missing(const std::string& key) {
  return bad_value("Missing required parameter: '" + key + "'.", key, "missing_required_parameter");
}

}  // namespace

std::optional<Fault> read_chat(std::string_view body, Question& out) {
  simdjson::dom::object root;
  if (auto fault = parse_object(body, root)) return fault;
  std::optional<Element> messages, format, seed;
  ToolParts tools;
  for (const auto [key, value] : root) {
    if (key == "messages") {
      messages = value;
    } else if (key == "tools") {
      tools.tools = value;
    } else if (key == "tool_choice") {
      tools.choice = value;
    } else if (key == "parallel_tool_calls") {
      tools.parallel = value;
    } else if (key == "response_format") {
      format = value;
    } else if (key == "seed") {
      seed = value;
    } else if (key == "logprobs" || key == "top_logprobs") {
      if (auto fault = read_logprobs(value, key, out)) return fault;
    } else {
      bool known = false;
      if (auto fault = read_common(key, value, out, known)) return fault;
    }
  }
  if (out.model.empty()) return missing("model");
  simdjson::dom::array list;
  if (!messages || messages->get_array().get(list) != SUCCESS || list.size() == 0) return missing("messages");
  if (out.top_logprobs > 0 && !out.logprobs)
    return bad_value("'top_logprobs' needs 'logprobs' to be true.", "top_logprobs");

  Conversation conversation(out);
  for (const Element message : list)
    if (auto fault = conversation.hear(message)) return fault;
  out.prompt_tokens += frame_tokens;
  out.text = trimmed(out.text);
  std::int64_t number = 0;
  if (seed && seed->get_int64().get(number) == SUCCESS)
    out.fingerprint = mix(out.fingerprint, static_cast<std::uint64_t>(number));
  if (format)
    if (auto fault = read_response_format(*format, out)) return fault;
  return read_tools(tools, out);
}

std::optional<Fault> read_completion(std::string_view body, CompletionQuestion& out) {
  simdjson::dom::object root;
  if (auto fault = parse_object(body, root)) return fault;
  std::vector<std::string> texts;
  std::vector<std::uint32_t> tokens;
  Question& common = out.first;
  common.tokens_max = 16;  // OpenAI's default for this API
  for (const auto [key, value] : root) {
    std::optional<Fault> fault;
    bool known = false;
    if (key == "prompt") {
      fault = read_inputs(value, key, texts, tokens);
    } else if (key == "echo") {
      fault = read_bool(value, key, out.echo);
    } else if (key == "logprobs") {
      std::optional<std::uint32_t> top;
      fault = read_count(value, key, 0, 5, top);
      common.logprobs = top.has_value();
      common.top_logprobs = top.value_or(0);
    } else {
      fault = read_common(key, value, common, known);
    }
    if (fault) return fault;
  }
  if (common.model.empty()) return missing("model");
  if (texts.empty()) return missing("prompt");
  if (texts.size() * common.choices > prompts_most)
    return bad_value("'n' times the number of prompts must be at most " + std::to_string(prompts_most) + ".", "n");
  for (std::size_t i = 0; i < texts.size(); ++i) {
    Question prompt = common;
    prompt.prompt_tokens = tokens[i];
    prompt.fingerprint = mix(common.fingerprint, texts[i]);
    prompt.text = std::move(texts[i]);
    out.prompts.push_back(std::move(prompt));
  }
  for (const Question& prompt : out.prompts) common.prompt_tokens += prompt.prompt_tokens;
  return std::nullopt;
}

std::optional<Fault> read_embedding(std::string_view body, EmbeddingQuestion& out) {
  simdjson::dom::object root;
  if (auto fault = parse_object(body, root)) return fault;
  std::vector<std::uint32_t> tokens;
  for (const auto [key, value] : root) {
    std::optional<Fault> fault;
    if (key == "model") {
      fault = read_text(value, key, out.model);
    } else if (key == "input") {
      fault = read_inputs(value, key, out.inputs, tokens);
    } else if (key == "dimensions") {
      fault = read_count(value, key, 1, 4096, out.dimensions);
    } else if (key == "encoding_format") {
      std::string format;
      fault = read_text(value, key, format);
      if (!fault && format != "float" && format != "base64")
        fault = bad_value("'encoding_format' must be float or base64.", "encoding_format");
      out.base64 = format == "base64";
    }
    if (fault) return fault;
  }
  if (out.model.empty()) return missing("model");
  if (out.inputs.empty()) return missing("input");
  for (const std::uint32_t count : tokens) {
    out.prompt_tokens += count;
    out.longest_tokens = std::max(out.longest_tokens, count);
  }
  return std::nullopt;
}

std::string read_model(std::string_view body) {
  simdjson::dom::object root;
  std::string_view model;
  if (parse_object(body, root) || root["model"].get_string().get(model) != SUCCESS) return {};
  return std::string(model);
}

}  // namespace triage::simulate
