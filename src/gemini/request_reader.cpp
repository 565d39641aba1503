// {"contents":[...],"systemInstruction":{...},"tools":[{"functionDeclarations":[...]}],
//  "toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":[...]}},"generationConfig":{...}}
#include "gemini/request_reader.hpp"

#include "base/ascii.hpp"
#include "blocks/body_reader.hpp"
#include "gemini/block_content.hpp"
#include "gemini/schema_reader.hpp"
#include "gemini/spelling.hpp"
#include "openai/request_body.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace triage::gemini {
namespace {

using Kind = JsonReader::Kind;
using Field = RequestField;

constexpr std::size_t stops_max = 4;  // of OpenAI
constexpr std::size_t stops_own = 5;  // of Gemini

// Members of generationConfig that are only noted: other dialects have no word, or the blocks of an answer none.
struct Hint {
  std::string_view name;
  Field field;
};
constexpr std::array<Hint, 1> hints{{{"speechConfig", Field::audio_output}}};

std::string upper_word(const JsonString& word) {
  std::string text = word.text();
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return text;
}

class RequestReader {
 public:
  RequestReader(std::string_view body, ReadRequest& out)
      : source_(body, out.blocks), in_(source_.in), out_(out), blocks_(out.blocks) {}

  std::optional<Error> read() {
    each_member(in_, [this](const JsonString& name) {
      if (is_called(name, "generateContentRequest"))  // of countTokens
        each_member(in_, [this](const JsonString& inner) { read_member(inner); });
      else
        read_member(name);
    });
    if (!schema_.empty() && blocks_.schema.empty()) blocks_.schema = schema_;
    if (!blocks_.schema.empty()) blocks_.note(Field::json_schema);
    if (json_ && blocks_.schema.empty()) blocks_.json_object = true, blocks_.note(Field::json_object);
    if (!blocks_.turns.empty() && blocks_.turns.back().role == Role::assistant) blocks_.note(Field::prefill);
    return source_.error;
  }

 private:
  void read_member(const JsonString& name) {
    if (in_.kind() == Kind::null)
      in_.null();
    else if (!read_conversation(name) && !read_other(name))
      read_unknown(source_, name);
  }

  bool read_conversation(const JsonString& name) {
    if (name.is("contents"))
      read_contents(source_);
    else if (is_called(name, "systemInstruction"))
      read_system(source_);
    else if (name.is("tools") && in_.kind() == Kind::array)
      each_element(in_, [this] { read_tools(); });
    else if (name.is("tools"))
      read_tools();
    else if (is_called(name, "toolConfig"))
      each_member(in_, [this](const JsonString& inner) { read_tool_config(inner); });
    else if (is_called(name, "generationConfig"))
      each_member(in_, [this](const JsonString& inner) { read_setting(inner); });
    else
      return false;
    return true;
  }

  bool read_other(const JsonString& name) {
    if (name.is("model"))
      read_model();
    else if (is_called(name, "safetySettings"))
      note_if_said(Field::safety_settings);
    else if (is_called(name, "cachedContent"))
      note_if_said(Field::cached_content);
    else if (is_called(name, "serviceTier"))
      read_service_tier();
    else if (name.is("labels"))
      note_if_said(Field::metadata);
    else if (name.is("store"))
      note_if_said(Field::store);
    else
      return false;
    return true;
  }

  void note_if_said(Field field) {
    if (source_.says()) blocks_.note(field);
  }

  void read_model() {
    out_.model_value.begin = in_.value_offset();
    const bool text = in_.kind() == Kind::string;
    in_.skip();
    if (text)
      out_.model_value.end = in_.offset();
    else
      out_.model_value = {};
  }

  void read_service_tier() {
    const std::string tier = upper_word(source_.string());
    if (!tier.empty() && tier != "STANDARD" && !tier.ends_with("UNSPECIFIED")) blocks_.note(Field::service_tier);
  }

  void read_setting(const JsonString& name) {
    if (in_.kind() == Kind::null)
      in_.null();
    else if (!read_number_setting(name) && !read_format(name) && !read_hint(name))
      read_unknown(source_, name);
  }

  bool read_number_setting(const JsonString& name) {
    if (name.is("temperature"))
      read_temperature();
    else if (is_called(name, "topP"))
      blocks_.top_p = read_number(in_);
    else if (is_called(name, "topK"))
      read_noted(blocks_.top_k, Field::top_k);
    else if (name.is("seed"))
      read_noted(blocks_.seed, Field::seed);
    else if (is_called(name, "presencePenalty"))
      read_noted(blocks_.presence_penalty, Field::presence_penalty);
    else if (is_called(name, "frequencyPenalty"))
      read_noted(blocks_.frequency_penalty, Field::frequency_penalty);
    else if (is_called(name, "maxOutputTokens"))
      read_max_tokens();
    else if (is_called(name, "candidateCount"))
      read_candidates();
    else if (name.is("logprobs"))
      blocks_.top_logprobs = read_whole(in_);
    else if (is_called(name, "responseLogprobs"))
      read_logprobs();
    else
      return false;
    return true;
  }

  void read_noted(std::string_view& number, Field field) {
    number = read_number(in_);
    if (!number.empty()) blocks_.note(field);
  }

  void read_temperature() {
    blocks_.temperature = read_number(in_);
    double value = 0;
    std::from_chars(blocks_.temperature.data(), blocks_.temperature.data() + blocks_.temperature.size(), value);
    if (value > 1) blocks_.note(Field::temperature_above_1);
  }

  void read_max_tokens() {
    if (const auto value = read_whole(in_); value && *value > 0) blocks_.max_tokens = value;
  }

  void read_candidates() {
    if (read_whole(in_).value_or(1) > 1) blocks_.note(Field::candidate_count);
  }

  void read_logprobs() {
    blocks_.logprobs = source_.says();
    if (blocks_.logprobs) blocks_.note(Field::logprobs);
  }

  bool read_format(const JsonString& name) {
    if (is_called(name, "responseMimeType"))
      read_mime_type();
    else if (is_called(name, "responseJsonSchema") && in_.kind() == Kind::object)
      blocks_.schema = source_.value();
    else if (is_called(name, "responseSchema") && in_.kind() == Kind::object)
      schema_ = json_schema_of(source_.value(), blocks_);
    else if (is_called(name, "responseModalities"))
      each_element(in_, [this] { read_modality(); });
    else if (is_called(name, "stopSequences"))
      read_stops();
    else if (is_called(name, "thinkingConfig"))
      each_member(in_, [this](const JsonString& inner) { read_thinking(inner); });
    else
      return false;
    return true;
  }

  void read_mime_type() {
    const JsonString type = source_.string();
    json_ = type.is("application/json");
    if (!json_ && !type.raw.empty() && !type.is("text/plain")) blocks_.note(Field::response_mime_type);
  }

  void read_modality() {
    const std::string word = upper_word(source_.string());
    if (word != "TEXT" && !word.ends_with("UNSPECIFIED")) blocks_.note(Field::audio_output);
  }

  void read_stops() {
    each_element(in_, [this] {
      const JsonString text = source_.string();
      if (text.raw.empty()) return;
      blocks_.stop.push_back(text);
      if (text.text().find_first_not_of(" \t\r\n") == std::string::npos) blocks_.note(Field::blank_stop);
    });
    if (!blocks_.stop.empty()) blocks_.note(Field::stops);
    if (blocks_.stop.size() > stops_max) blocks_.note(Field::many_stops);
    if (blocks_.stop.size() > stops_own) blocks_.note(Field::stops_above_5);
  }

  // A budget of 0 turns thinking off, -1 leaves it to the model.
  void read_thinking(const JsonString& name) {
    if (is_called(name, "thinkingBudget")) {
      const std::int64_t budget = read_whole(in_).value_or(-1);
      if (budget < 0) return;
      if (budget == 0)
        blocks_.effort = Effort::none;
      else
        blocks_.thinking_tokens = budget;
      blocks_.note(Field::reasoning);
    } else if (is_called(name, "thinkingLevel")) {
      std::string level = source_.string().text();
      std::ranges::transform(level, level.begin(), [](char c) { return to_lower(c); });
      const auto effort = from_word<Effort>(level);
      if (!effort || *effort == Effort::unset) return;
      blocks_.effort = *effort;
      blocks_.note(Field::reasoning);
    } else if (is_called(name, "includeThoughts")) {
      in_.skip();  // thoughts are told wherever a provider tells them
    } else {
      read_unknown(source_, name);
    }
  }

  bool read_hint(const JsonString& name) {
    const auto hint = std::ranges::find_if(hints, [&](const Hint& each) { return is_called(name, each.name); });
    if (hint == hints.end()) return false;
    note_if_said(hint->field);
    return true;
  }

  void read_tools() {
    each_member(in_, [this](const JsonString& name) {
      if (in_.kind() == Kind::null)
        in_.null();
      else if (is_called(name, "functionDeclarations"))
        each_element(in_, [this] { read_function(); });
      else
        blocks_.note(Field::server_tools), in_.skip();
    });
  }

  void read_function() {
    BlockTool tool;
    std::string_view own_schema;
    each_member(in_, [&](const JsonString& name) {
      if (name.is("name"))
        tool.name = source_.string();
      else if (name.is("description"))
        tool.description = source_.string();
      else if (is_called(name, "parametersJsonSchema") && in_.kind() == Kind::object)
        tool.schema = source_.value();
      else if (name.is("parameters") && in_.kind() == Kind::object)
        own_schema = source_.value();
      else
        read_unknown(source_, name);
    });
    if (tool.schema.empty() && !own_schema.empty()) tool.schema = json_schema_of(own_schema, blocks_);
    blocks_.tools.push_back(tool);
  }

  void read_tool_config(const JsonString& name) {
    if (!is_called(name, "functionCallingConfig")) return read_unknown(source_, name);
    std::string mode;
    std::vector<JsonString> allowed;
    each_member(in_, [&](const JsonString& inner) {
      if (is_called(inner, "streamFunctionCallArguments"))
        in_.skip();  // a call is told whole in any case
      else if (inner.is("mode"))
        mode = upper_word(source_.string());
      else if (is_called(inner, "allowedFunctionNames"))
        each_element(in_, [&] { allowed.push_back(source_.string()); });
      else
        read_unknown(source_, inner);
    });
    choose(mode, allowed);
  }

  void choose(const std::string& mode, const std::vector<JsonString>& allowed) {
    BlockChoice& choice = blocks_.choice;
    if (mode == "NONE") choice.kind = BlockChoice::Kind::none;
    if (mode == "ANY") choice.kind = BlockChoice::Kind::any;
    if (mode == "VALIDATED") blocks_.unknown.emplace_back("functionCallingConfig.mode");
    if (mode == "ANY" && allowed.size() == 1) {
      choice.kind = BlockChoice::Kind::named;
      choice.name = allowed.front();
    } else if (mode != "NONE") {
      for (const JsonString& name : allowed) choice.allowed.push_back(name.text());
    }
  }

  Source source_;
  JsonReader& in_;
  ReadRequest& out_;
  BlockRequest& blocks_;
  std::string_view schema_;  // responseSchema, as JSON Schema
  bool json_ = false;
};

}  // namespace

Result<ReadRequest> read_request(std::string_view body, std::uint32_t depth_max) {
  auto all = body_reader(body, depth_max);
  if (!all) return all.error();
  all->skip();
  if (!all->finish()) return json_error(*all, depth_max);
  ReadRequest out;
  if (auto error = RequestReader(body, out).read()) return *std::move(error);
  return Result<ReadRequest>(std::move(out));
}

}  // namespace triage::gemini
