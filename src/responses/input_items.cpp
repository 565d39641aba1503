// {"role":"user"|"assistant"|"system"|"developer","content":"text" | [parts]}            a message, with a type or not
// {"type":"reasoning","id":...,"summary":[{"text":...}],"content":[{"text":...}],"encrypted_content":...}
// {"type":"function_call","call_id":...,"name":...,"arguments":"{...}"}
// {"type":"function_call_output","call_id":...,"output":"text" | [parts]}
// {"type":"custom_tool_call","call_id":...,"name":...,"input":"..."}       and custom_tool_call_output
// {"type":"additional_tools","tools":[...]}
//
// A part is {"type":"input_text"|"output_text"|"refusal"|"input_image"|"input_file", ...}.
#include "responses/input_items.hpp"

#include "blocks/block_request.hpp"
#include "blocks/media.hpp"
#include "blocks/member_values.hpp"
#include "responses/opaque.hpp"
#include "responses/turns.hpp"

#include <algorithm>

namespace triage::responses {
namespace {

using Kind = JsonReader::Kind;
using Field = RequestField;

constexpr std::size_t quoted_bytes_max = 64;
constexpr std::string_view what_helps = "; leave it out, or ask a deployment that speaks the Responses API";

bool is_text_part(std::string_view type) noexcept {
  return type == "input_text" || type == "output_text" || type == "text" || type == "refusal" ||
         type == "summary_text" || type == "reasoning_text";
}

// Items of tools that the provider runs, or that only its own models know.
bool is_of_server_tool(std::string_view type) noexcept {
  return type.ends_with("_call") || type.ends_with("_call_output") || type.starts_with("mcp_") ||
         type.starts_with("tool_search_");
}

// One item, whose type may come last.
class ItemReader {
 public:
  ItemReader(RequestSource& source, std::size_t index) : source_(source), in_(source.in), index_(index) {}

  void read(Turns& turns) {
    if (in_.kind() != Kind::object) {
      source_.refuse(where(), "every item must be an object");
      in_.skip();
      return;
    }
    each_member(in_, [this](const JsonString& name) { read_member(name); });
    add(turns);
  }

 private:
  [[nodiscard]] std::string where() const { return "input[" + std::to_string(index_) + "]"; }

  void read_member(const JsonString& name) {
    if (in_.kind() == Kind::null)
      in_.null();
    else if (name.is("type"))
      type_ = source_.string().text();
    else if (name.is("role"))
      role_ = source_.string().text();
    else if (name.is("content"))
      read_content(content_);
    else if (name.is("output"))
      read_content(output_);
    else if (name.is("summary"))
      each_element(in_, [this] { read_part(summary_); });
    else if (!read_text_member(name))
      in_.skip();
  }

  bool read_text_member(const JsonString& name) {
    if (name.is("id"))
      id_ = source_.string();
    else if (name.is("call_id"))
      call_id_ = source_.string();
    else if (name.is("name"))
      name_ = source_.string();
    else if (name.is("arguments") && in_.kind() == Kind::object)
      object_ = source_.value();
    else if (name.is("arguments") || name.is("input"))
      arguments_ = source_.string();
    else if (name.is("encrypted_content"))
      encrypted_ = source_.string();
    else if (name.is("namespace"))
      space_ = source_.string();
    else if (name.is("tools"))
      read_tools(source_);
    else
      return false;
    return true;
  }

  static void add_text(const JsonString& text, std::vector<Block>& out) {
    if (!text.raw.empty()) out.emplace_back().text = text;
  }

  void read_content(std::vector<Block>& out) {
    if (in_.kind() == Kind::array)
      each_element(in_, [&] { read_part(out); });
    else
      add_text(source_.string(), out);
  }

  struct Part {
    std::string type;
    JsonString text;
    JsonString url;
    JsonString name;
    JsonString detail;
    bool file_id = false;
  };

  void read_part(std::vector<Block>& out) {
    if (in_.kind() != Kind::object) return add_text(source_.string(), out);
    Part part;
    each_member(in_, [&](const JsonString& name) {
      if (in_.kind() == Kind::null)
        in_.null();
      else if (name.is("type"))
        part.type = source_.string().text();
      else if (name.is("text") || name.is("refusal"))
        part.text = source_.string();
      else if (name.is("image_url"))
        read_image(part);
      else if (name.is("file_url") || name.is("file_data"))
        part.url = source_.string();
      else if (name.is("filename"))
        part.name = source_.string();
      else if (name.is("detail"))
        part.detail = source_.string();
      else if (name.is("file_id"))
        part.file_id = source_.says();
      else if (name.is("prompt_cache_breakpoint"))
        source_.says() ? source_.note_unknown("prompt_cache_breakpoint") : void();
      else
        in_.skip();  // annotations and logprobs, which the provider itself wrote
    });
    add_part(part, out);
  }

  // Some clients send it as in chat completions: {"url":...}.
  void read_image(Part& part) {
    if (in_.kind() == Kind::string) {
      part.url = source_.string();
      return;
    }
    each_member(in_, [&](const JsonString& name) {
      if (name.is("url"))
        part.url = source_.string();
      else
        in_.skip();
    });
  }

  void add_part(const Part& part, std::vector<Block>& out) {
    if (is_text_part(part.type)) return add_text(part.text, out);
    const bool image = part.type == "input_image" || part.type == "image_url" || part.type == "computer_screenshot";
    if (image || part.type == "input_file") return add_media(part, image, out);
    if (part.type == "input_audio") {
      source_.out.note(Field::audio_input);
      out.emplace_back().kind = BlockKind::audio;
      return;
    }
    source_.refuse(where(), "a part of type '" + part.type.substr(0, quoted_bytes_max) + "' cannot be translated" +
                                std::string(what_helps));
  }

  void add_media(const Part& part, bool image, std::vector<Block>& out) {
    if (part.file_id) return source_.out.note(Field::file_id);
    Block& block = out.emplace_back();
    block.kind = image ? BlockKind::image : BlockKind::document;
    block.media = media_at(part.url, source_.out);
    block.media.name = part.name;
    if (!image)
      note_document(block.media, source_.out);
    else if (!block.media.url.raw.empty())
      source_.out.note(Field::image_url);
    if (!part.detail.raw.empty() && !part.detail.is("auto")) source_.note_unknown("input_image.detail");
    if (block.media.data.raw.empty() && block.media.url.raw.empty())
      source_.refuse(
          where(), "a part of type '" + part.type + "' has neither a data URL (data:TYPE;base64,DATA) nor an address");
  }

  void add(Turns& turns) {
    if (type_.empty() || type_ == "message") return add_message(turns);
    if (type_ == "reasoning") return add_thought(turns);
    if (type_ == "function_call") return add_call(turns);
    if (type_ == "custom_tool_call") return add_custom_call(turns);
    if (type_ == "function_call_output" || type_ == "custom_tool_call_output") return add_result(turns);
    if (type_ == "additional_tools") return;
    if (type_ == "item_reference") return source_.out.note(Field::response_store);
    if (is_of_server_tool(type_)) return source_.out.note(Field::server_tools);
    source_.refuse(where(), "an item of type '" + type_.substr(0, quoted_bytes_max) + "' cannot be translated" +
                                std::string(what_helps));
  }

  void add_message(Turns& turns) {
    if (type_.empty() && role_.empty() && !id_.raw.empty()) return source_.out.note(Field::response_store);
    const bool known = role_ == "user" || role_ == "assistant" || role_ == "system" || role_ == "developer";
    if (!known) return source_.refuse(where() + ".role", "'role' must be user, assistant, system or developer");
    if (content_.empty()) return;  // it says nothing, and some providers refuse such a turn
    if (role_ == "user")
      turns.add_user(std::move(content_));
    else if (role_ == "assistant")
      turns.add_message(std::move(content_));
    else
      turns.add_system(std::move(content_));
  }

  // The provider's own summary, else what the model thought. The id belongs to what is encrypted.
  void add_thought(Turns& turns) {
    source_.out.note(Field::thoughts);
    const Opaque opaque = read_opaque(encrypted_);
    if (opaque.kind == OpaqueKind::of_item) return turns.sign(opaque.text);
    Block block;
    if (opaque.kind == OpaqueKind::of_text) {
      block.signature = opaque.text;
    } else if (opaque.kind == OpaqueKind::redacted) {
      block.kind = BlockKind::redacted;
      block.text = opaque.text;
    } else {
      if (encrypted_.raw.empty()) return;
      block.kind = BlockKind::thought;
      block.id = id_;
      block.text = joined(summary_.empty() ? content_ : summary_);
      block.signature = encrypted_;
    }
    turns.add(std::move(block));
  }

  JsonString joined(const std::vector<Block>& texts) {
    if (texts.empty()) return {};
    if (texts.size() == 1) return texts.front().text;
    std::string out;
    for (const Block& block : texts) out.append(out.empty() ? "" : "\\n\\n").append(block.text.raw);
    return {source_.out.own(std::move(out)), true};  // what is between has escapes
  }

  void add_call(Turns& turns) {
    Block block;
    block.kind = BlockKind::call;
    block.id = call_id_.raw.empty() ? id_ : call_id_;
    block.name = name_in_space(source_, space_, name_);
    block.arguments = object_.empty() ? arguments_object(arguments_, source_.out) : object_;
    turns.add(std::move(block));
  }

  void add_custom_call(Turns& turns) {
    source_.out.note(Field::custom_tools);
    Block block;
    block.kind = BlockKind::call;
    block.custom = true;
    block.id = call_id_.raw.empty() ? id_ : call_id_;
    block.name = name_in_space(source_, space_, name_);
    block.text = arguments_;
    turns.add(std::move(block));
  }

  void add_result(Turns& turns) {
    if (call_id_.raw.empty()) return source_.refuse(where() + ".call_id", "'call_id' must name the tool's call");
    Block block;
    block.kind = BlockKind::result;
    block.id = call_id_;
    block.inner = std::move(output_);
    turns.add_result(std::move(block));
  }

  RequestSource& source_;
  JsonReader& in_;
  std::size_t index_;
  std::string type_;
  std::string role_;
  JsonString id_;
  JsonString call_id_;
  JsonString name_;
  JsonString arguments_;
  std::string_view object_;
  JsonString encrypted_;
  std::vector<Block> content_;
  std::vector<Block> output_;
  std::vector<Block> summary_;
  JsonString space_;
};

}  // namespace

JsonString RequestSource::string() {
  JsonString text;
  if (in.kind() != Kind::string || !in.string(text)) {
    in.skip();
    return {};
  }
  return text;
}

std::string_view RequestSource::value() {
  const std::size_t begin = in.value_offset();
  in.skip();
  return json.substr(begin, in.offset() - begin);
}

bool RequestSource::says() {
  const std::string_view text = value();
  return text != "null" && text != "false" && text != "0" && text != "\"\"" && text != "{}" && text != "[]";
}

void RequestSource::refuse(std::string param, std::string message) {
  if (!error) error = Error{ErrorCode::untranslatable, std::move(message), std::move(param)};
}

void RequestSource::note_unknown(std::string name) {
  if (out.unknown.size() < unknown_members_max && std::ranges::find(out.unknown, name) == out.unknown.end())
    out.unknown.push_back(std::move(name));
}

void read_input(RequestSource& source) {
  Turns turns(source.out);
  if (source.in.kind() == Kind::string) {
    const JsonString text = source.string();
    if (text.raw.empty()) return;
    std::vector<Block> blocks(1);
    blocks.front().text = text;
    return turns.add_user(std::move(blocks));
  }
  std::size_t index = 0;
  each_element(source.in, [&] { ItemReader(source, index++).read(turns); });
}

JsonString name_in_space(RequestSource& source, const JsonString& space, const JsonString& name) {
  if (space.raw.empty()) return name;
  std::string escaped;
  append_json_escaped(escaped, flat_name(space, name));
  const bool has_escapes = escaped.find('\\') != std::string::npos;
  return {source.out.own(std::move(escaped)), has_escapes};
}

std::string flat_name(const JsonString& space, const JsonString& name) {
  return space.text() + "__" + name.text();
}

}  // namespace triage::responses
