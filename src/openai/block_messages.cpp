// {"role":"user","content":"text" | [{"type":"text","text":...}, {"type":"image_url","image_url":{"url":...}},
//                                    {"type":"file","file":{"file_data":...,"filename":...}}, ...]}
// {"role":"assistant","content":...,"tool_calls":[{"id":...,"function":{"name":...,"arguments":"{...}"}},
//                                                {"id":...,"custom":{"name":...,"input":"..."}}],
//  "thinking_blocks":[{"type":"thinking","thinking":...,"signature":...}]}       as LiteLLM's clients send it back
// {"role":"tool","tool_call_id":...,"content":...}
//
// A message with a function_call, and its result, have no ids: they get one from their place.
#include "openai/block_messages.hpp"

#include "blocks/block_request.hpp"
#include "blocks/media.hpp"
#include "openai/extra_content.hpp"

namespace triage::openai {
namespace {

using Kind = JsonReader::Kind;

JsonString spelled(std::string_view text) {
  return {text, false};
}

class MessageReader {
 public:
  MessageReader(BlockSource& source, std::size_t index) : source_(source), in_(source.in), index_(index) {}

  void read() {
    if (in_.kind() != Kind::object) {
      source_.refuse(where(), "every message must be an object");
      in_.skip();
      return;
    }
    each_member(in_, [this](const JsonString& name) { read_member(name); });
    add();
  }

 private:
  [[nodiscard]] std::string where() const { return "messages[" + std::to_string(index_) + "]"; }

  void read_member(const JsonString& name) {
    if (name.is("role"))
      role_ = source_.string().text();
    else if (name.is("content"))
      read_content(content_);
    else if (name.is("tool_calls"))
      each_element(in_, [this] { read_call(); });
    else if (name.is("function_call"))
      read_function_call();
    else if (name.is("tool_call_id"))
      call_id_ = source_.string();
    else if (name.is("cache_control"))
      cache_control_ = read_cache_control();
    else if (name.is("thinking_blocks"))
      each_element(in_, [this] { read_part(thoughts_); });
    else if (name.is("refusal"))
      add_text(source_.string(), content_);
    else if (name.is("name"))
      named_ = !source_.string().raw.empty();
    else if (name.is("extra_content"))
      signature_ = read_thought_signature(in_);
    else if (name.is("audio"))
      note_if_said(RequestField::file_id);
    else if (name.is("reasoning_content") || name.is("reasoning"))
      reasoning_ = source_.says() || reasoning_;
    else
      in_.skip();  // annotations and the like, which the provider itself wrote
  }

  void note_if_said(RequestField field) {
    if (source_.says()) source_.out.note(field);
  }

  std::string_view read_cache_control() {
    const bool object = in_.kind() == Kind::object;
    const std::string_view value = source_.value();
    if (!object) return {};
    source_.out.note(RequestField::cache_control);
    return value;
  }

  static void add_text(const JsonString& text, std::vector<Block>& out) {
    if (text.raw.empty()) return;
    out.emplace_back().text = text;
  }

  void read_content(std::vector<Block>& out) {
    switch (in_.kind()) {
      case Kind::string: add_text(source_.string(), out); return;
      case Kind::array: each_element(in_, [&] { read_part(out); }); return;
      case Kind::null: in_.null(); return;
      default: source_.refuse(where() + ".content", "'content' must be a text or a list of parts"); in_.skip();
    }
  }

  // The members of a part, whatever its type: that may come last.
  struct Part {
    std::string type;
    JsonString text;
    JsonString url;
    JsonString detail;
    JsonString data;
    JsonString filename;
    JsonString signature;
    bool file_id = false;
    std::string_view cache_control;
  };

  void read_part(std::vector<Block>& out) {
    if (in_.kind() == Kind::string) return add_text(source_.string(), out);
    Part part;
    each_member(in_, [&](const JsonString& name) {
      if (name.is("type"))
        part.type = source_.string().text();
      else if (name.is("text") || name.is("refusal") || name.is("thinking"))
        part.text = source_.string();
      else if (name.is("image_url"))
        read_image(part);
      else if (name.is("file"))
        read_file(part);
      else if (name.is("input_audio"))
        read_audio(part);
      else if (name.is("signature"))
        part.signature = source_.string();
      else if (name.is("data"))
        part.data = source_.string();
      else if (name.is("cache_control"))
        part.cache_control = read_cache_control();
      else
        in_.skip();
    });
    add_part(part, out);
  }

  void read_image(Part& part) {
    if (in_.kind() == Kind::string) {
      part.url = source_.string();
      return;
    }
    each_member(in_, [&](const JsonString& name) {
      if (name.is("url"))
        part.url = source_.string();
      else if (name.is("detail"))
        part.detail = source_.string();
      else
        in_.skip();
    });
  }

  // {data: BASE64, format: "wav" | "mp3"}
  void read_audio(Part& part) {
    each_member(in_, [&](const JsonString& name) {
      if (name.is("data"))
        part.data = source_.string();
      else if (name.is("format"))
        part.filename = source_.string();
      else
        in_.skip();
    });
  }

  void read_file(Part& part) {
    each_member(in_, [&](const JsonString& name) {
      if (name.is("file_data"))
        part.url = source_.string();
      else if (name.is("filename"))
        part.filename = source_.string();
      else if (name.is("file_id"))
        part.file_id = source_.says() || part.file_id;
      else
        in_.skip();
    });
  }

  void add_part(const Part& part, std::vector<Block>& out) {
    if (part.type == "text" || part.type == "refusal" || part.type == "input_text" || part.type == "output_text") {
      add_text(part.text, out);
    } else if (part.type == "image_url" || part.type == "file") {
      add_media(part, out);
    } else if (part.type == "thinking" || part.type == "redacted_thinking") {
      add_thought(part, out);
    } else if (part.type == "input_audio") {
      source_.out.note(RequestField::audio_input);
      Block& block = out.emplace_back();
      block.kind = BlockKind::audio;
      block.media.data = part.data;
      if (part.filename.escaped || part.data.raw.empty())
        source_.refuse(where() + ".content",
                       "a part of type 'input_audio' needs its 'data' in base64 and its 'format'");
      block.media.type = spelled(source_.out.own("audio/" + std::string(part.filename.raw)));
    } else {
      source_.refuse(where() + ".content", "a part of type '" + part.type.substr(0, 64) +
                                               "' cannot be translated; send text, image_url or file");
    }
    if (!part.cache_control.empty() && !out.empty()) out.back().cache_control = part.cache_control;
  }

  void add_media(const Part& part, std::vector<Block>& out) {
    if (part.file_id) source_.out.note(RequestField::file_id);
    Block& block = out.emplace_back();
    block.kind = part.type == "file" ? BlockKind::document : BlockKind::image;
    block.media = media_at(part.url, source_.out);
    block.media.name = part.filename;
    if (block.kind == BlockKind::document)
      note_document(block.media, source_.out);
    else if (!block.media.url.raw.empty())
      source_.out.note(RequestField::image_url);
    if (!part.detail.raw.empty() && !part.detail.is("auto")) source_.out.unknown.emplace_back("image_url.detail");
    if (!part.file_id && block.media.data.raw.empty() && block.media.url.raw.empty())
      source_.refuse(where() + ".content", "a part of type '" + part.type +
                                               "' has neither a data URL (data:TYPE;base64,DATA) nor an address");
  }

  void add_thought(const Part& part, std::vector<Block>& out) {
    source_.out.note(RequestField::thoughts);
    const bool redacted = part.type == "redacted_thinking";
    if (redacted ? part.data.raw.empty() : part.signature.raw.empty()) return;
    Block& block = out.emplace_back();
    block.kind = redacted ? BlockKind::redacted : BlockKind::thought;
    block.text = redacted ? part.data : part.text;
    block.signature = part.signature;
  }

  void read_function(Block& out) {
    JsonString arguments;
    std::string_view object;
    each_member(in_, [&](const JsonString& name) {
      if (name.is("name"))
        out.name = source_.string();
      else if (name.is("arguments") && in_.kind() == Kind::object)
        object = source_.value();
      else if (name.is("arguments"))
        arguments = source_.string();
      else
        in_.skip();
    });
    out.arguments = object.empty() ? arguments_object(arguments, source_.out) : object;
  }

  void read_custom(Block& out) {
    out.custom = true;
    source_.out.note(RequestField::custom_tools);
    each_member(in_, [&](const JsonString& name) {
      if (name.is("name"))
        out.name = source_.string();
      else if (name.is("input"))
        out.text = source_.string();
      else
        in_.skip();
    });
  }

  void read_call() {
    Block call;
    call.kind = BlockKind::call;
    each_member(in_, [&](const JsonString& name) {
      if (name.is("id"))
        call.id = source_.string();
      else if (name.is("function"))
        read_function(call);
      else if (name.is("extra_content"))
        call.signature = read_thought_signature(in_);
      else if (name.is("custom"))
        read_custom(call);
      else
        in_.skip();
    });
    if (call.arguments.empty() && !call.custom) call.arguments = "{}";
    calls_.push_back(std::move(call));
  }

  void read_function_call() {
    if (in_.kind() != Kind::object) return void(in_.skip());
    Block call;
    call.kind = BlockKind::call;
    call.id = spelled(source_.out.own("function_call_" + std::to_string(index_)));
    read_function(call);
    calls_.push_back(std::move(call));
  }

  // The id of the call that a message of role `function` answers: it is the last one.
  [[nodiscard]] JsonString last_call() {
    const auto& turns = source_.out.turns;
    for (auto turn = turns.rbegin(); turn != turns.rend(); ++turn)
      for (const Block& block : turn->blocks)
        if (block.kind == BlockKind::call) return block.id;
    return spelled(source_.out.own("function_call"));
  }

  void add() {
    if (role_ == "tool" || role_ == "function") return add_result();
    if (named_) source_.out.note(RequestField::participant_name);
    if (!signature_.raw.empty()) {
      if (content_.empty() || content_.back().kind != BlockKind::text) content_.emplace_back();
      content_.back().signature = signature_;
    }
    std::vector<Block> blocks = std::move(thoughts_);
    for (Block& block : content_) blocks.push_back(std::move(block));
    for (Block& call : calls_) blocks.push_back(std::move(call));
    if (!cache_control_.empty() && !blocks.empty()) blocks.back().cache_control = cache_control_;
    const bool thinks = !blocks.empty() && blocks.front().kind == BlockKind::thought;
    if (reasoning_ && !thinks) source_.out.unknown.emplace_back("reasoning_content");
    if (role_ == "system" || role_ == "developer") return add_system(std::move(blocks));
    if (role_ != "user" && role_ != "assistant")
      return source_.refuse(where() + ".role", "'role' must be system, developer, user, assistant or tool");
    if (blocks.empty()) return;  // it says nothing, and some providers refuse such a turn
    source_.out.turns.push_back({role_ == "user" ? Role::user : Role::assistant, std::move(blocks)});
  }

  void add_system(std::vector<Block> blocks) {
    if (blocks.empty()) return;
    if (!source_.out.turns.empty()) {
      source_.out.turns.push_back({Role::system, std::move(blocks)});
      return;
    }
    for (Block& block : blocks) source_.out.system.push_back(std::move(block));
  }

  void add_result() {
    Block result;
    result.kind = BlockKind::result;
    result.id = role_ == "tool" ? call_id_ : last_call();
    result.inner = std::move(content_);
    if (!cache_control_.empty())
      result.cache_control = cache_control_;
    else if (!result.inner.empty())
      result.cache_control = std::exchange(result.inner.back().cache_control, {});
    if (result.id.raw.empty()) source_.refuse(where() + ".tool_call_id", "'tool_call_id' must name the tool's call");
    BlockTurn turn{Role::user, {}};
    turn.blocks.push_back(std::move(result));
    source_.out.turns.push_back(std::move(turn));
  }

  BlockSource& source_;
  JsonReader& in_;
  std::size_t index_;
  std::string role_;
  std::vector<Block> content_;
  std::vector<Block> calls_;
  std::vector<Block> thoughts_;
  JsonString call_id_;
  JsonString signature_;
  std::string_view cache_control_;
  bool named_ = false;
  bool reasoning_ = false;
};

}  // namespace

JsonString BlockSource::string() {
  JsonString text;
  if (in.kind() == Kind::string && in.string(text)) return text;
  in.skip();
  return {};
}

std::string_view BlockSource::value() {
  const std::size_t begin = in.value_offset();
  in.skip();
  return json.substr(begin, in.offset() - begin);
}

bool BlockSource::says() {
  const std::string_view text = value();
  return text != "null" && text != "false" && text != "0" && text != "\"\"" && text != "{}" && text != "[]";
}

void BlockSource::refuse(std::string param, std::string message) {
  if (!error) error = Error{ErrorCode::invalid_value, std::move(message), std::move(param)};
}

void read_messages(BlockSource& source) {
  std::size_t index = 0;
  each_element(source.in, [&] { MessageReader(source, index++).read(); });
}

}  // namespace triage::openai
