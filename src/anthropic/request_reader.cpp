// {"model":"m","max_tokens":9,"system":"..." | [{"type":"text","text":...}],"messages":[{"role":"user","content":"..."
// |
//   [{"type":"text"|"image"|"document"|"tool_use"|"tool_result"|"thinking"|"redacted_thinking", ...}]}], ...}
#include "anthropic/request_reader.hpp"

#include "anthropic/block_content.hpp"
#include "blocks/body_reader.hpp"
#include "blocks/member_values.hpp"
#include "openai/request_body.hpp"

#include <algorithm>

namespace triage::anthropic {
namespace {

using Kind = JsonReader::Kind;
using Field = RequestField;

constexpr std::size_t model_bytes_max = 512;
constexpr std::size_t stops_max = 4;

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
      else if (!read_text_member(name) && !read_tool_member(name) && !read_number_member(name))
        read_other(name);
    });
  }

  [[nodiscard]] const std::optional<Error>& error() const { return source_.error; }

 private:
  void read_model() {
    out_.model_value.begin = in_.value_offset();
    const JsonString name = source_.string();
    out_.model_value.end = in_.offset();
    if (name.raw.size() <= model_bytes_max) out_.model = name.text();
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (out_.model.empty() || std::ranges::any_of(out_.model, control) || find_invalid_utf8(out_.model))
      source_.refuse("model", "'model' must be a string that names a model");
  }

  bool read_text_member(const JsonString& name) {
    if (name.is("messages"))
      read_turns(source_);
    else if (name.is("system"))
      read_content(source_, "system", blocks_.system);
    else if (name.is("stop_sequences"))
      read_stops();
    else if (name.is("metadata"))
      each_member(in_, [this](const JsonString& inner) { read_user(inner); });
    else if (name.is("output_config"))
      each_member(in_, [this](const JsonString& inner) { read_output(inner); });
    else if (name.is("thinking"))
      each_member(in_, [this](const JsonString& inner) { read_thinking(inner); });
    else if (name.is("service_tier"))
      read_service_tier();
    else
      return false;
    return true;
  }

  bool read_tool_member(const JsonString& name) {
    if (name.is("tools"))
      each_element(in_, [this] { read_tool(); });
    else if (name.is("tool_choice"))
      read_choice();
    else
      return false;
    return true;
  }

  bool read_number_member(const JsonString& name) {
    if (name.is("max_tokens"))
      blocks_.max_tokens = read_whole(in_, 0);
    else if (name.is("temperature"))
      blocks_.temperature = read_number(in_);
    else if (name.is("top_p"))
      blocks_.top_p = read_number(in_);
    else if (name.is("top_k"))
      blocks_.top_k = read_number(in_), blocks_.note(Field::top_k);
    else if (name.is("stream"))
      read_stream();
    else
      return false;
    return true;
  }

  void read_other(const JsonString& name) {
    std::string text = shown_name(name);
    if (!source_.says()) return;
    if (text == "container" || text == "mcp_servers")
      blocks_.note(Field::server_state);
    else if (text == "context_management")
      blocks_.note(Field::context_management);
    else if (text == "cache_control")
      blocks_.note(Field::cache_control);
    else if (blocks_.unknown.size() < unknown_members_max)
      blocks_.unknown.push_back(std::move(text));
  }

  void read_stream() {
    if (in_.kind() == Kind::boolean) {
      in_.boolean(blocks_.stream);
      return;
    }
    source_.refuse("stream", "'stream' must be true or false");
    in_.skip();
  }

  void read_stops() {
    each_element(in_, [this] {
      const JsonString text = source_.string();
      if (!text.raw.empty()) blocks_.stop.push_back(text);
    });
    if (!blocks_.stop.empty()) blocks_.note(Field::stops);
    if (blocks_.stop.size() > stops_max) blocks_.note(Field::many_stops);
    if (blocks_.stop.size() > stops_max + 1) blocks_.note(Field::stops_above_5);
  }

  void read_user(const JsonString& name) {
    if (!name.is("user_id") || in_.kind() != Kind::string) return void(in_.skip());
    blocks_.user = source_.string();
    blocks_.note(Field::user);
  }

  void read_service_tier() {
    const JsonString tier = source_.string();
    if (!tier.is("auto") && !tier.is("standard_only")) blocks_.note(Field::service_tier);
  }

  void read_schema() {
    blocks_.schema = source_.value();
    blocks_.schema_strict = true;  // as Claude always is
    blocks_.note(Field::json_schema);
  }

  void read_output(const JsonString& name) {
    if (name.is("effort") && in_.kind() == Kind::string) {
      blocks_.effort = from_word<Effort>(source_.string().raw).value_or(Effort::unset);
      blocks_.note(Field::reasoning);
    } else if (name.is("format") && in_.kind() == Kind::object) {
      each_member(in_, [this](const JsonString& inner) {
        if (inner.is("schema") && in_.kind() == Kind::object)
          read_schema();
        else
          in_.skip();
      });
    } else {
      in_.skip();
    }
  }

  void read_thinking(const JsonString& name) {
    if (name.is("budget_tokens"))
      blocks_.thinking_tokens = read_whole(in_, 0), blocks_.note(Field::reasoning);
    else if (name.is("type") && source_.string().is("adaptive"))
      blocks_.note(Field::reasoning);
    else if (!name.is("type"))
      in_.skip();
  }

  void read_tool() {
    BlockTool tool;
    std::string type;
    each_member(in_, [&](const JsonString& name) {
      if (name.is("type"))
        type = source_.string().text();
      else if (name.is("name"))
        tool.name = source_.string();
      else if (name.is("description"))
        tool.description = source_.string();
      else if (name.is("input_schema") && in_.kind() == Kind::object)
        tool.schema = source_.value();
      else if (name.is("strict") && in_.kind() == Kind::boolean)
        in_.boolean(tool.strict.emplace());
      else if (name.is("cache_control"))
        tool.cache_control = read_cache_control(source_);
      else
        in_.skip();
    });
    if (!type.empty() && type != "custom") return blocks_.note(Field::server_tools);
    if (tool.strict.value_or(false)) blocks_.note(Field::strict);
    blocks_.tools.push_back(tool);
  }

  void read_choice() {
    using Choice = BlockChoice::Kind;
    std::string type;
    each_member(in_, [&](const JsonString& name) {
      if (name.is("type"))
        type = source_.string().text();
      else if (name.is("name"))
        blocks_.choice.name = source_.string();
      else if (name.is("disable_parallel_tool_use") && in_.kind() == Kind::boolean)
        read_parallel();
      else
        in_.skip();
    });
    blocks_.choice.kind = type == "any"    ? Choice::any
                          : type == "tool" ? Choice::named
                          : type == "none" ? Choice::none
                                           : Choice::open;
  }

  void read_parallel() {
    bool one = false;
    in_.boolean(one);
    blocks_.parallel_calls = !one;
    if (one) blocks_.note(Field::parallel_tool_calls);
  }

  JsonReader& in_;
  ContentSource source_;
  ReadRequest& out_;
  BlockRequest& blocks_;
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

}  // namespace triage::anthropic
