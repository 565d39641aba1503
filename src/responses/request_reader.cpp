// {"model":"m","instructions":"...","input":"..." | [items],"tools":[{"type":"function","name":...,"parameters":...}],
//  "tool_choice":...,"reasoning":{"effort":...},"text":{"format":{"type":"json_schema","name":...,"schema":...}},
//  "max_output_tokens":N,"store":false,"include":["reasoning.encrypted_content"], ...}
#include "responses/request_reader.hpp"

#include "blocks/body_reader.hpp"
#include "blocks/member_values.hpp"
#include "openai/request_body.hpp"
#include "responses/input_items.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace triage::responses {
namespace {

using Kind = JsonReader::Kind;
using Field = RequestField;

constexpr std::size_t model_bytes_max = 512;

// Members whose only question is whether they say anything.
struct Hint {
  std::string_view name;
  Field field;
};
constexpr std::array<Hint, 8> hints{{{"previous_response_id", Field::response_store},
                                     {"conversation", Field::response_store},
                                     {"background", Field::response_store},
                                     {"prompt", Field::response_store},
                                     {"metadata", Field::metadata},
                                     {"store", Field::store},
                                     {"prompt_cache_retention", Field::prompt_cache_key},
                                     {"prompt_cache_options", Field::prompt_cache_key}}};

class RequestReader {
 public:
  RequestReader(JsonReader& in, std::string_view body, ReadRequest& out)
      : in_(in), source_{body, in, out.blocks}, out_(out), blocks_(out.blocks) {}

  void read() {
    each_member(in_, [this](const JsonString& name) {
      if (name.is("model"))
        read_model();
      else if (in_.kind() == Kind::null)
        in_.null();
      else if (!read_text_member(name) && !read_tool_member(name) && !read_number_member(name) && !read_hint(name))
        read_unknown(name);
    });
    add_instructions();
    if (!blocks_.turns.empty() && blocks_.turns.back().role == Role::assistant) blocks_.note(Field::prefill);
    out_.unreadable = source_.error;
  }

  /// What makes the request one of no API.
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  void fail(std::string param, std::string message) {
    if (!error_) error_ = Error{ErrorCode::invalid_value, std::move(message), std::move(param)};
  }

  void read_model() {
    out_.model_value.begin = in_.value_offset();
    const JsonString name = source_.string();
    out_.model_value.end = in_.offset();
    if (name.raw.size() <= model_bytes_max) out_.model = name.text();
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (out_.model.empty() || std::ranges::any_of(out_.model, control) || find_invalid_utf8(out_.model))
      fail("model", "'model' must be a string that names a model");
  }

  bool read_text_member(const JsonString& name) {
    if (name.is("input"))
      read_input(source_);
    else if (name.is("instructions"))
      instructions_ = source_.string();
    else if (name.is("text"))
      each_member(in_, [this](const JsonString& inner) { read_text_option(inner); });
    else if (name.is("reasoning"))
      each_member(in_, [this](const JsonString& inner) { read_reasoning(inner); });
    else if (name.is("include"))
      each_element(in_, [this] { read_include(); });
    else if (name.is("user") || name.is("safety_identifier"))
      read_user();
    else if (name.is("service_tier"))
      read_service_tier();
    else if (name.is("prompt_cache_key"))
      blocks_.cache_key = source_.string(), blocks_.note(Field::prompt_cache_key);
    else if (name.is("truncation"))
      source_.string().is("auto") ? source_.note_unknown("truncation") : void();
    else if (name.is("stream_options"))
      each_member(in_, [this](const JsonString& inner) { read_stream_option(inner); });
    else
      return false;
    return true;
  }

  bool read_tool_member(const JsonString& name) {
    if (name.is("tools"))
      read_tools(source_);
    else if (name.is("tool_choice"))
      read_choice();
    else if (name.is("parallel_tool_calls"))
      read_parallel();
    else
      return false;
    return true;
  }

  bool read_number_member(const JsonString& name) {
    if (name.is("max_output_tokens"))
      blocks_.max_tokens = read_whole(in_, 1);
    else if (name.is("temperature"))
      read_temperature();
    else if (name.is("top_p"))
      blocks_.top_p = read_number(in_);
    else if (name.is("top_logprobs"))
      read_top_logprobs();
    else if (name.is("stream"))
      read_stream();
    else
      return false;
    return true;
  }

  void read_top_logprobs() {
    blocks_.top_logprobs = read_whole(in_, 0);
    if (blocks_.top_logprobs.value_or(0) > 0) blocks_.note(Field::logprobs);
  }

  bool read_hint(const JsonString& name) {
    const auto hint = std::ranges::find_if(hints, [&](const Hint& each) { return name.is(each.name); });
    if (hint == hints.end()) return false;
    if (source_.says()) blocks_.note(hint->field);
    return true;
  }

  void read_unknown(const JsonString& name) {
    std::string shown = shown_name(name);
    if (!source_.says()) return;
    if (shown == "moderation")
      source_.refuse(shown, "'moderation' is OpenAI's own; leave it out, or ask a deployment that speaks this API");
    else
      source_.note_unknown(std::move(shown));
  }

  // Nothing is ever padded here.
  void read_stream_option(const JsonString& name) {
    std::string shown = "stream_options." + shown_name(name);
    if (source_.says()) source_.note_unknown(std::move(shown));
  }

  void read_stream() {
    if (in_.kind() == Kind::boolean) {
      in_.boolean(blocks_.stream);
      return;
    }
    fail("stream", "'stream' must be true or false");
    in_.skip();
  }

  void read_temperature() {
    blocks_.temperature = read_number(in_);
    double value = 0;
    std::from_chars(blocks_.temperature.data(), blocks_.temperature.data() + blocks_.temperature.size(), value);
    if (value > 1) blocks_.note(Field::temperature_above_1);
  }

  void read_user() {
    const JsonString user = source_.string();
    if (user.raw.empty()) return;
    blocks_.user = user;
    blocks_.note(Field::user);
  }

  void read_service_tier() {
    const JsonString tier = source_.string();
    if (!tier.raw.empty() && !tier.is("auto") && !tier.is("default")) blocks_.note(Field::service_tier);
  }

  // What is included of the provider's own tools goes with these. Encrypted reasoning always comes back.
  void read_include() {
    if (!source_.string().is("message.output_text.logprobs")) return;
    blocks_.logprobs = true;
    blocks_.note(Field::logprobs);
  }

  void read_parallel() {
    bool value = true;
    if (in_.kind() == Kind::boolean)
      in_.boolean(value);
    else
      in_.skip();
    blocks_.parallel_calls = value;
    if (!value) blocks_.note(Field::parallel_tool_calls);
  }

  // Thoughts are told in any case, whatever `summary` says.
  void read_reasoning(const JsonString& name) {
    if (name.is("effort") && in_.kind() == Kind::string) {
      const JsonString text = source_.string();
      const auto effort = from_word<Effort>(text.escaped ? std::string_view() : text.raw);
      if (!effort || *effort == Effort::unset) return source_.note_unknown("reasoning.effort");
      blocks_.effort = *effort;
      blocks_.note(Field::reasoning);
    } else if (name.is("summary") || name.is("generate_summary")) {
      in_.skip();
    } else {
      std::string shown = "reasoning." + shown_name(name);
      const std::string_view text = source_.value();
      if (text != "null" && text != R"("auto")" && text != R"("standard")") source_.note_unknown(std::move(shown));
    }
  }

  void read_text_option(const JsonString& name) {
    if (name.is("format"))
      read_format();
    else if (name.is("verbosity") && in_.kind() == Kind::string)
      blocks_.verbosity = source_.string(), blocks_.note(Field::verbosity);
    else
      in_.skip();
  }

  void read_format() {
    std::string type;
    each_member(in_, [&](const JsonString& name) {
      if (name.is("type"))
        type = source_.string().text();
      else if (name.is("schema") && in_.kind() == Kind::object)
        blocks_.schema = source_.value();
      else if (name.is("name"))
        blocks_.schema_name = source_.string();
      else if (name.is("description"))
        blocks_.schema_description = source_.string();
      else if (name.is("strict") && in_.kind() == Kind::boolean)
        in_.boolean(blocks_.schema_strict.emplace());
      else
        in_.skip();
    });
    if (type == "json_object") blocks_.json_object = true, blocks_.note(Field::json_object);
    if (type == "json_schema") blocks_.note(Field::json_schema);
    if (blocks_.schema_strict.value_or(false)) blocks_.note(Field::schema_strict);
    if (type != "json_schema") blocks_.schema = {};
    if (type != "json_schema" && type != "json_object" && type != "text") source_.note_unknown("text.format");
  }

  // "none", "auto", "required" | {type: function or custom, name} |
  // {type: allowed_tools, mode, tools: [{type: function or custom, name}]}
  void read_choice() {
    if (in_.kind() == Kind::string) return choose(source_.string());
    std::string type;
    JsonString chosen;
    each_member(in_, [&](const JsonString& name) {
      if (name.is("type"))
        type = source_.string().text();
      else if (name.is("name"))
        chosen = source_.string();
      else if (name.is("mode"))
        choose(source_.string());
      else if (name.is("tools"))
        each_element(in_, [this] { read_allowed(); });
      else
        in_.skip();
    });
    if (type == "function" || type == "custom") {
      blocks_.choice.kind = BlockChoice::Kind::named;
      blocks_.choice.name = chosen;
    } else if (type != "allowed_tools") {
      blocks_.note(Field::server_tools);
    }
  }

  void choose(const JsonString& mode) {
    if (mode.is("none")) blocks_.choice.kind = BlockChoice::Kind::none;
    if (mode.is("required")) blocks_.choice.kind = BlockChoice::Kind::any;
  }

  void read_allowed() {
    each_member(in_, [this](const JsonString& name) {
      if (name.is("name"))
        blocks_.choice.allowed.push_back(source_.string().text());
      else
        in_.skip();
    });
  }

  // In front of what the items say for the system.
  void add_instructions() {
    if (instructions_.raw.empty()) return;
    Block block;
    block.text = instructions_;
    blocks_.system.insert(blocks_.system.begin(), std::move(block));
  }

  JsonReader& in_;
  RequestSource source_;
  ReadRequest& out_;
  BlockRequest& blocks_;
  JsonString instructions_;
  std::optional<Error> error_;
};

}  // namespace

Result<ReadRequest> read_request(std::string_view body, std::uint32_t depth_max) {
  auto in = body_reader(body, depth_max);
  if (!in) return in.error();
  ReadRequest out;
  RequestReader reader(*in, body, out);
  reader.read();
  if (!in->finish()) return json_error(*in, depth_max);
  if (reader.error()) return *reader.error();
  if (out.model_value.empty())
    return Error{ErrorCode::missing_parameter, "'model' is missing: add the name of a model to the body", "model"};
  return Result<ReadRequest>(std::move(out));
}

}  // namespace triage::responses
