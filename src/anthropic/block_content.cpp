#include "anthropic/block_content.hpp"

namespace triage::anthropic {
namespace {

using Kind = JsonReader::Kind;
using Field = RequestField;

// One content block, whose type may come last.
class ContentBlock {
 public:
  ContentBlock(ContentSource& source, const std::string& where) : source_(source), in_(source.in), where_(where) {}

  void read(std::vector<Block>& out) {
    if (in_.kind() != Kind::object) {
      source_.refuse(where_, "every content block must be an object");
      in_.skip();
      return;
    }
    each_member(in_, [this](const JsonString& name) { read_member(name); });
    if (finish()) out.push_back(std::move(block_));
  }

 private:
  void read_member(const JsonString& name) {
    if (name.is("type"))
      type_ = source_.string().text();
    else if (name.is("text") || name.is("thinking") || name.is("data"))
      block_.text = source_.string();
    else if (name.is("id") || name.is("tool_use_id"))
      block_.id = source_.string();
    else if (name.is("name"))
      block_.name = source_.string();
    else if (name.is("input") && in_.kind() == Kind::object)
      block_.arguments = source_.value();
    else if (name.is("signature"))
      block_.signature = source_.string();
    else if (name.is("cache_control"))
      block_.cache_control = read_cache_control(source_);
    else if (name.is("content") && (in_.kind() == Kind::string || in_.kind() == Kind::array))
      read_content(source_, where_ + ".content", block_.inner);
    else
      read_more(name);
  }

  void read_more(const JsonString& name) {
    if (name.is("is_error") && in_.kind() == Kind::boolean)
      in_.boolean(block_.failed);
    else if (name.is("title") && in_.kind() == Kind::string)
      block_.media.name = source_.string();
    else if (name.is("source") && in_.kind() == Kind::object)
      each_member(in_, [this](const JsonString& inner) { read_source(inner); });
    else if (name.is("citations"))
      cites_ = source_.says() || cites_;
    else
      in_.skip();
  }

  void read_source(const JsonString& name) {
    if (name.is("type"))
      source_type_ = source_.string().text();
    else if (name.is("media_type"))
      block_.media.type = source_.string();
    else if (name.is("data"))
      block_.media.data = source_.string();
    else if (name.is("url"))
      block_.media.url = source_.string();
    else
      in_.skip();
  }

  // Whether it is a block that other dialects know.
  bool finish() {
    if (cites_ && type_ != "text") source_.out.note(Field::citations);
    if (type_ == "text") return !block_.text.raw.empty();
    if (type_ == "image" || type_ == "document") return finish_media();
    if (type_ == "thinking" || type_ == "redacted_thinking") return finish_thought();
    if (type_ == "tool_use" || type_ == "tool_result") {
      block_.kind = type_ == "tool_use" ? BlockKind::call : BlockKind::result;
      if (block_.arguments.empty()) block_.arguments = "{}";
      if (block_.failed) source_.out.note(Field::tool_failed);
      return true;
    }
    source_.out.note(Field::server_tools);
    return false;
  }

  bool finish_thought() {
    source_.out.note(Field::thoughts);
    block_.kind = type_ == "thinking" ? BlockKind::thought : BlockKind::redacted;
    return block_.kind == BlockKind::redacted || !block_.signature.raw.empty();
  }

  bool finish_media() {
    const bool document = type_ == "document";
    block_.kind = document ? BlockKind::document : BlockKind::image;
    if (source_type_ == "file" || source_type_ == "content") {
      source_.out.note(source_type_ == "file" ? Field::file_id : Field::server_tools);
      return false;
    }
    if (source_type_ == "url")
      source_.out.note(document ? Field::document_url : Field::image_url);
    else if (document)
      source_.out.note(Field::documents);
    if (source_type_ != "text") return true;
    block_.kind = BlockKind::text;  // a document of plain text
    block_.text = block_.media.data;
    return !block_.text.raw.empty();
  }

  ContentSource& source_;
  JsonReader& in_;
  const std::string& where_;
  Block block_;
  std::string type_;
  std::string source_type_;
  bool cites_ = false;
};

void read_turn(ContentSource& source, std::size_t index) {
  const std::string where = "messages." + std::to_string(index);
  if (source.in.kind() != Kind::object) {
    source.refuse(where, "every message must be an object");
    source.in.skip();
    return;
  }
  std::string role;
  BlockTurn turn;
  each_member(source.in, [&](const JsonString& name) {
    if (name.is("role"))
      role = source.string().text();
    else if (name.is("content"))
      read_content(source, where + ".content", turn.blocks);
    else
      source.in.skip();
  });
  if (role != "user" && role != "assistant" && role != "system")
    return source.refuse(where + ".role", "'role' must be user, assistant or system");
  turn.role = role == "user" ? Role::user : role == "assistant" ? Role::assistant : Role::system;
  if (!turn.blocks.empty()) source.out.turns.push_back(std::move(turn));
}

}  // namespace

JsonString ContentSource::string() {
  JsonString text;
  if (in.kind() != Kind::string || !in.string(text)) {
    in.skip();
    return {};
  }
  return text;
}

std::string_view ContentSource::value() {
  const std::size_t begin = in.value_offset();
  in.skip();
  return json.substr(begin, in.offset() - begin);
}

bool ContentSource::says() {
  const std::string_view text = value();
  return text != "null" && text != "false" && text != "{}" && text != "[]" && text != "\"\"";
}

void ContentSource::refuse(std::string param, std::string message) {
  if (!error) error = Error{ErrorCode::invalid_value, std::move(message), std::move(param)};
}

std::string_view read_cache_control(ContentSource& source) {
  const bool object = source.in.kind() == Kind::object;
  const std::string_view value = source.value();
  if (!object) return {};
  source.out.note(Field::cache_control);
  return value;
}

void read_content(ContentSource& source, const std::string& where, std::vector<Block>& out) {
  switch (source.in.kind()) {
    case Kind::string: {
      const JsonString text = source.string();
      if (!text.raw.empty()) out.emplace_back().text = text;
      return;
    }
    case Kind::array: each_element(source.in, [&] { ContentBlock(source, where).read(out); }); return;
    default: source.refuse(where, "'" + where + "' must be a text or a list of content blocks"); source.in.skip();
  }
}

void read_turns(ContentSource& source) {
  std::size_t index = 0;
  each_element(source.in, [&] { read_turn(source, index++); });
}

}  // namespace triage::anthropic
