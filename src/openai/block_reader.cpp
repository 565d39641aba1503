// The members of a chat request besides its messages, as OpenAI's reference has them, and of those that other servers
// know: top_k, thinking ({"type":"enabled","budget_tokens":N}, as LiteLLM's clients send it), reasoning (OpenRouter).
#include "openai/block_reader.hpp"

#include "base/ascii.hpp"
#include "blocks/block_request.hpp"
#include "blocks/member_values.hpp"
#include "openai/block_messages.hpp"

#include <algorithm>
#include <charconv>

namespace triage::openai {
namespace {

using Kind = JsonReader::Kind;
using Field = RequestField;

constexpr std::size_t stops_max = 4;

// Hints whose only question is whether they say anything.
struct Hint {
  std::string_view name;
  Field field;
};
constexpr Hint hints[] = {{"logit_bias", Field::logit_bias}, {"audio", Field::audio_output},
                          {"store", Field::store},           {"metadata", Field::metadata},
                          {"prediction", Field::prediction}, {"prompt_cache_retention", Field::prompt_cache_key}};

class RequestReader {
 public:
  RequestReader(const ApiRequest& request, BlockRequest& out) : source_(request.body, out), in_(source_.in), out_(out) {
    out.stream = request.stream;
    out.include_usage = request.include_usage;
  }

  std::optional<Error> read() {
    each_member(in_, [this](const JsonString& name) {
      if (in_.kind() == Kind::null)
        in_.null();
      else if (!read_text_member(name) && !read_tool_member(name) && !read_number_member(name) && !read_hint(name))
        read_unknown(name);
    });
    return source_.error;
  }

 private:
  bool read_text_member(const JsonString& name) {
    if (name.is("messages"))
      read_messages(source_);
    else if (name.is("stop"))
      read_stop();
    else if (name.is("response_format"))
      read_format();
    else if (name.is("user") || name.is("safety_identifier"))
      read_word(out_.user, Field::user);
    else if (name.is("verbosity"))
      read_word(out_.verbosity, Field::verbosity);
    else if (name.is("prompt_cache_key"))
      read_word(out_.cache_key, Field::prompt_cache_key);
    else if (name.is("reasoning_effort"))
      read_effort();
    else if (name.is("thinking") || name.is("reasoning"))
      read_thinking();
    else if (name.is("modalities"))
      read_modalities();
    else if (name.is("web_search_options"))
      out_.note(Field::web_search), in_.skip();  // {} asks for one, too
    else if (name.is("service_tier"))
      read_service_tier();
    else if (name.is("model") || name.is("stream") || name.is("stream_options"))
      in_.skip();
    else
      return false;
    return true;
  }

  bool read_tool_member(const JsonString& name) {
    if (name.is("tools"))
      each_element(in_, [this] { read_tool(); });
    else if (name.is("functions"))
      each_element(in_, [this] { read_function(out_.tools.emplace_back()); });
    else if (name.is("tool_choice"))
      read_choice();
    else if (name.is("function_call"))
      read_choice();
    else if (name.is("parallel_tool_calls"))
      read_parallel();
    else
      return false;
    return true;
  }

  bool read_number_member(const JsonString& name) {
    if (name.is("temperature"))
      read_temperature();
    else if (name.is("top_p"))
      out_.top_p = read_number(in_);
    else if (name.is("top_k"))
      read_spelled(out_.top_k, Field::top_k);
    else if (name.is("max_completion_tokens"))
      out_.max_tokens = read_whole(in_, 1), completion_max_ = true;
    else if (name.is("max_tokens"))
      completion_max_ ? void(in_.skip()) : void(out_.max_tokens = read_whole(in_, 1));
    else if (name.is("n"))
      read_n();
    else if (name.is("logprobs"))
      read_logprobs();
    else if (name.is("top_logprobs"))
      read_top_logprobs();
    else if (name.is("seed"))
      read_spelled(out_.seed, Field::seed);
    else if (name.is("presence_penalty"))
      read_penalty(out_.presence_penalty, Field::presence_penalty);
    else if (name.is("frequency_penalty"))
      read_penalty(out_.frequency_penalty, Field::frequency_penalty);
    else
      return false;
    return true;
  }

  bool read_hint(const JsonString& name) {
    const auto hint = std::ranges::find_if(hints, [&](const Hint& each) { return name.is(each.name); });
    if (hint == std::end(hints)) return false;
    if (source_.says()) out_.note(hint->field);
    return true;
  }

  void read_unknown(const JsonString& name) {
    if (source_.says() && out_.unknown.size() < unknown_members_max) out_.unknown.push_back(shown_name(name));
  }

  static double value_of(std::string_view spelled) {
    double value = 0;
    std::from_chars(spelled.data(), spelled.data() + spelled.size(), value);
    return value;
  }

  void read_temperature() {
    out_.temperature = read_number(in_);
    if (value_of(out_.temperature) > 1) out_.note(Field::temperature_above_1);
  }

  void read_spelled(std::string_view& number, Field field) {
    number = read_number(in_);
    if (!number.empty()) out_.note(field);
  }

  void read_penalty(std::string_view& number, Field field) {
    number = read_number(in_);
    if (value_of(number) != 0) out_.note(field);
  }

  void read_n() {
    if (read_whole(in_, 1).value_or(1) > 1) out_.note(Field::n);
  }

  void read_logprobs() {
    if (!source_.says()) return;
    out_.logprobs = true;
    out_.note(Field::logprobs);
  }

  void read_top_logprobs() {
    out_.top_logprobs = read_whole(in_, 0);
    if (out_.top_logprobs.value_or(0) > 0) out_.note(Field::logprobs);
  }

  void read_word(JsonString& text, Field field) {
    const JsonString said = source_.string();
    if (said.raw.empty()) return;
    text = said;
    out_.note(field);
  }

  void read_service_tier() {
    const JsonString tier = source_.string();
    if (!tier.raw.empty() && !tier.is("auto") && !tier.is("default")) out_.note(Field::service_tier);
  }

  void read_modalities() {
    each_element(in_, [this] {
      if (!source_.string().is("text")) out_.note(Field::audio_output);
    });
  }

  void read_parallel() {
    bool value = true;
    if (in_.kind() == Kind::boolean)
      in_.boolean(value);
    else
      in_.skip();
    out_.parallel_calls = value;
    if (!value) out_.note(Field::parallel_tool_calls);
  }

  void read_stop() {
    const auto add = [this] {
      const JsonString text = source_.string();
      if (text.raw.empty()) return;
      out_.stop.push_back(text);
      if (text.text().find_first_not_of(" \t\r\n") == std::string::npos) out_.note(Field::blank_stop);
    };
    if (in_.kind() == Kind::array)
      each_element(in_, add);
    else
      add();
    if (!out_.stop.empty()) out_.note(Field::stops);
    if (out_.stop.size() > stops_max) out_.note(Field::many_stops);
    if (out_.stop.size() > stops_max + 1) out_.note(Field::stops_above_5);
  }

  void read_effort() {
    const JsonString text = source_.string();
    const auto effort = from_word<Effort>(text.escaped ? std::string_view() : text.raw);
    if (!effort || *effort == Effort::unset) return out_.unknown.emplace_back("reasoning_effort"), void();
    out_.effort = *effort;
    out_.note(Field::reasoning);
  }

  void read_thinking() {
    each_member(in_, [this](const JsonString& name) {
      if (name.is("budget_tokens") || name.is("max_tokens"))
        out_.thinking_tokens = read_whole(in_, 1);
      else if (name.is("effort") && in_.kind() == Kind::string)
        read_effort();
      else if (name.is("type") && source_.string().is("disabled"))
        out_.effort = Effort::none;
      else if (!name.is("type"))
        in_.skip();
    });
    out_.note(Field::reasoning);
  }

  void read_format() {
    std::string type;
    each_member(in_, [&](const JsonString& name) {
      if (name.is("type"))
        type = source_.string().text();
      else if (name.is("json_schema"))
        read_schema();
      else
        in_.skip();
    });
    out_.json_object = type == "json_object";
    if (out_.json_object) out_.note(Field::json_object);
    if (type == "json_schema") out_.note(Field::json_schema);
    if (type != "json_schema") out_.schema = {};
  }

  void read_schema() {
    each_member(in_, [this](const JsonString& name) {
      if (name.is("schema") && in_.kind() == Kind::object)
        out_.schema = source_.value();
      else if (name.is("name"))
        out_.schema_name = source_.string();
      else if (name.is("description"))
        out_.schema_description = source_.string();
      else if (name.is("strict") && in_.kind() == Kind::boolean)
        in_.boolean(out_.schema_strict.emplace());
      else
        in_.skip();
    });
    if (out_.schema_strict.value_or(false)) out_.note(Field::schema_strict);
  }

  void read_tool() {
    std::string type = "function";
    BlockTool tool;
    each_member(in_, [&](const JsonString& name) {
      if (name.is("type"))
        type = source_.string().text();
      else if (name.is("function") || name.is("custom"))
        read_function(tool);
      else if (name.is("cache_control") && in_.kind() == Kind::object)
        read_cache_control(tool);
      else
        in_.skip();
    });
    tool.custom = type == "custom";
    if (tool.custom) out_.note(Field::custom_tools);
    if (!tool.custom && type != "function") return out_.note(Field::server_tools);
    out_.tools.push_back(tool);
  }

  // {"type":"text"} | {"type":"grammar","grammar":{"syntax":"lark","definition":"..."}}
  void read_text_format(BlockTool& tool) {
    each_member(in_, [&](const JsonString& name) {
      if (name.is("syntax"))
        tool.syntax = source_.string();
      else if (name.is("definition"))
        tool.grammar = source_.string();
      else if (name.is("grammar"))
        read_text_format(tool);
      else
        in_.skip();
    });
  }

  void read_cache_control(BlockTool& tool) {
    tool.cache_control = source_.value();
    out_.note(Field::cache_control);
  }

  void read_function(BlockTool& tool) {
    each_member(in_, [&](const JsonString& name) {
      if (name.is("name"))
        tool.name = source_.string();
      else if (name.is("description"))
        tool.description = source_.string();
      else if (name.is("parameters") && in_.kind() == Kind::object)
        tool.schema = source_.value();
      else if (name.is("cache_control") && in_.kind() == Kind::object)
        read_cache_control(tool);
      else if (name.is("strict") && in_.kind() == Kind::boolean)
        in_.boolean(tool.strict.emplace());
      else if (name.is("format"))
        read_text_format(tool);
      else
        in_.skip();
    });
    if (tool.strict.value_or(false)) out_.note(Field::strict);
  }

  // "none", "auto", "required" | {function: {name}} | {custom: {name}} | {name} |
  // {allowed_tools: {mode, tools: [{function: {name}}, {custom: {name}}]}}
  void read_choice() {
    if (in_.kind() == Kind::string) return choose(source_.string());
    each_member(in_, [this](const JsonString& name) {
      if (name.is("function") || name.is("custom"))
        each_member(in_, [this](const JsonString& inner) { read_name_of_choice(inner); });
      else if (name.is("allowed_tools"))
        read_allowed();
      else
        read_name_of_choice(name);
    });
  }

  void choose(const JsonString& mode) {
    if (mode.is("none")) out_.choice.kind = BlockChoice::Kind::none;
    if (mode.is("required") || mode.is("any")) out_.choice.kind = BlockChoice::Kind::any;
  }

  void read_name_of_choice(const JsonString& member) {
    if (!member.is("name")) return void(in_.skip());
    out_.choice.name = source_.string();
    out_.choice.kind = BlockChoice::Kind::named;
  }

  void read_allowed() {
    each_member(in_, [this](const JsonString& name) {
      if (name.is("mode"))
        choose(source_.string());
      else if (name.is("tools"))
        each_element(in_, [this] { read_allowed_tool(); });
      else
        in_.skip();
    });
  }

  void read_allowed_tool() {
    each_member(in_, [this](const JsonString& name) {
      if (name.is("name"))
        out_.choice.allowed.push_back(source_.string().text());
      else if (name.is("function") || name.is("custom"))
        read_allowed_tool();
      else
        in_.skip();
    });
  }

  BlockSource source_;
  JsonReader& in_;
  BlockRequest& out_;
  bool completion_max_ = false;
};

}  // namespace

Result<BlockRequest> read_blocks(const ApiRequest& request) {
  BlockRequest out;
  if (auto error = RequestReader(request, out).read()) return *std::move(error);
  const bool ends_with_assistant = !out.turns.empty() && out.turns.back().role == Role::assistant;
  if (ends_with_assistant) out.note(RequestField::prefill);
  return Result<BlockRequest>(std::move(out));
}

}  // namespace triage::openai
