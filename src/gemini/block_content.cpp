// {"role":"user","parts":[{"text":...} | {"inlineData":{"mimeType":...,"data":...}} | {"fileData":{"fileUri":...}} |
//                         {"functionResponse":{"id":...,"name":...,"response":{...}}}]}
// {"role":"model","parts":[{"text":...,"thought":true} | {"text":...,"thoughtSignature":...} |
//                          {"functionCall":{"id":...,"name":...,"args":{...}},"thoughtSignature":...}]}
//
// Contents of one role in a row are one turn: clients keep a stream as it came, a content for each piece. So pieces of
// a text, or of a thought, are joined up to the one that is signed. Calls mostly have no ids: they get one from their
// place, and results are matched to them by id, else by name and order.
#include "gemini/block_content.hpp"

#include "blocks/member_values.hpp"
#include "gemini/spelling.hpp"
#include "json/json.hpp"

#include <algorithm>
#include <optional>

namespace triage::gemini {
namespace {

using Kind = JsonReader::Kind;
using Field = RequestField;

// What one part says: its members come in any order.
struct Part {
  std::optional<JsonString> text;
  bool thought = false;
  JsonString signature;
  std::optional<Block> call;
  std::optional<Block> result;
  Media media;
  bool has_media = false;
};

// Whether a file is one that Google keeps for an account.
bool is_kept(const JsonString& uri) {
  const std::string text = uri.text();
  return text.starts_with("gs://") || text.starts_with("https://generativelanguage.googleapis.com/") ||
         text.starts_with("files/");
}

class PartReader {
 public:
  explicit PartReader(Source& source) : source_(source), in_(source.in) {}

  Part read() {
    each_member(in_, [this](const JsonString& name) {
      if (in_.kind() == Kind::null)
        in_.null();
      else if (!read_text(name) && !read_tool(name) && !read_media(name))
        read_unknown(source_, name);
    });
    return std::move(part_);
  }

 private:
  bool read_text(const JsonString& name) {
    if (name.is("text"))
      part_.text = source_.string();
    else if (name.is("thought") && in_.kind() == Kind::boolean)
      in_.boolean(part_.thought);
    else if (is_called(name, "thoughtSignature"))
      part_.signature = standard_base64(source_.string(), source_.out);
    else
      return false;
    return true;
  }

  bool read_media(const JsonString& name) {
    if (is_called(name, "inlineData"))
      each_member(in_, [this](const JsonString& inner) { read_blob(inner); });
    else if (is_called(name, "fileData"))
      each_member(in_, [this](const JsonString& inner) { read_file(inner); });
    else
      return false;
    part_.has_media = true;
    return true;
  }

  bool read_tool(const JsonString& name) {
    if (is_called(name, "functionCall"))
      read_call();
    else if (is_called(name, "functionResponse"))
      read_result();
    else if (is_called(name, "executableCode") || is_called(name, "codeExecutionResult") ||
             is_called(name, "toolCall") || is_called(name, "toolResponse"))
      source_.out.note(Field::server_tools), in_.skip();
    else
      return false;
    return true;
  }

  void read_blob(const JsonString& name) {
    if (is_called(name, "mimeType"))
      part_.media.type = source_.string();
    else if (name.is("data"))
      part_.media.data = standard_base64(source_.string(), source_.out);
    else if (is_called(name, "displayName"))
      part_.media.name = source_.string();
    else
      in_.skip();
  }

  void read_file(const JsonString& name) {
    if (is_called(name, "mimeType"))
      part_.media.type = source_.string();
    else if (is_called(name, "fileUri"))
      part_.media.url = source_.string();
    else if (is_called(name, "displayName"))
      part_.media.name = source_.string();
    else
      in_.skip();
  }

  void read_call() {
    Block& call = part_.call.emplace();
    call.kind = BlockKind::call;
    call.arguments = "{}";
    each_member(in_, [&](const JsonString& name) {
      if (name.is("id"))
        call.id = source_.string();
      else if (name.is("name"))
        call.name = source_.string();
      else if (name.is("args") && in_.kind() == Kind::object)
        call.arguments = source_.value();
      else
        read_unknown(source_, name);  // partialArgs: the pieces of a stream
    });
  }

  void read_result() {
    Block& result = part_.result.emplace();
    result.kind = BlockKind::result;
    each_member(in_, [&](const JsonString& name) {
      if (name.is("id"))
        result.id = source_.string();
      else if (name.is("name"))
        result.name = source_.string();
      else if (name.is("response"))
        read_response(result);
      else if (name.is("parts"))
        each_element(in_, [&] { add_media_of(PartReader(source_).read(), result); });
      else
        read_unknown(source_, name);
    });
    if (result.failed) source_.out.note(Field::tool_failed);
  }

  // {"output": what it says} | {"error": why it failed} | anything else is what it says
  void read_response(Block& result) {
    if (in_.kind() == Kind::string) return add_text(source_.string(), result);
    const std::string_view json = source_.value();
    JsonReader in(json);
    int members = 0;
    std::string_view said = json;
    each_member(in, [&](const JsonString& name) {
      const bool failed = name.is("error");
      const std::size_t begin = in.value_offset();
      in.skip();
      if (++members > 1) {
        result.failed = false;
        said = json;
      } else if (failed || name.is("output")) {
        result.failed = failed;
        said = json.substr(begin, in.offset() - begin);
      }
    });
    JsonReader text(said);
    JsonString plain;
    if (text.kind() == Kind::string && text.string(plain)) return add_text(plain, result);
    std::string escaped;
    append_json_escaped(escaped, said);
    const std::string_view raw = source_.out.own(std::move(escaped));
    add_text({raw, raw.find('\\') != std::string_view::npos}, result);
  }

  static void add_text(const JsonString& text, Block& result) {
    if (!text.raw.empty()) result.inner.insert(result.inner.begin(), Block())->text = text;
  }

 public:
  static void note_media(const Media& media, BlockKind kind, BlockRequest& out) {
    const bool inline_data = media.url.raw.empty();
    if (kind == BlockKind::image)
      return inline_data ? void() : out.note(Field::image_url);
    if (kind == BlockKind::audio && inline_data) return out.note(Field::audio_input);
    if (!inline_data) out.note(Field::document_url);
    if (media.type.is("application/pdf") || media.type.is("text/plain"))
      return inline_data ? out.note(Field::documents) : void();
    out.note(Field::other_documents);
  }

  /// The block of a part with a file, if it can be sent elsewhere.
  static std::optional<Block> media_block(const Media& media, BlockRequest& out) {
    if (!media.url.raw.empty() && is_kept(media.url)) {
      out.note(Field::file_id);
      return std::nullopt;
    }
    Block block;
    block.media = media;
    const std::string type = media.type.text();
    block.kind = type.starts_with("image/")   ? BlockKind::image
                 : type.starts_with("audio/") ? BlockKind::audio
                                              : BlockKind::document;
    note_media(media, block.kind, out);
    return block;
  }

 private:
  void add_media_of(const Part& part, Block& result) {
    if (!part.has_media) return;
    if (auto block = media_block(part.media, source_.out)) result.inner.push_back(std::move(*block));
  }

  Source& source_;
  JsonReader& in_;
  Part part_;
};

class ContentsReader {
 public:
  explicit ContentsReader(Source& source) : source_(source), in_(source.in) {}

  void read() {
    if (in_.kind() == Kind::array)
      each_element(in_, [this] { read_content(); });
    else
      read_content();
    end_piece();
  }

 private:
  // A call of the last assistant turn, which waits for its result.
  struct Pending {
    JsonString id;
    JsonString name;
    bool answered = false;
  };

  [[nodiscard]] std::string where() const { return "contents[" + std::to_string(index_) + "]"; }

  void read_content() {
    std::vector<Part> parts;
    std::string role = "user";
    const bool object = each_member(in_, [&](const JsonString& name) {
      if (name.is("role"))
        role = source_.string().text();
      else if (name.is("parts") && in_.kind() == Kind::array)
        each_element(in_, [&] { parts.push_back(PartReader(source_).read()); });
      else if (name.is("parts"))
        parts.push_back(PartReader(source_).read());
      else
        read_unknown(source_, name);
    });
    if (!object)
      source_.refuse(where(), "every content must be an object");
    else if (role != "user" && role != "model" && role != "function" && !role.empty())
      source_.refuse(where() + ".role", "'role' must be user or model");
    else
      add(role == "model" ? Role::assistant : Role::user, parts);
    ++index_;
  }

  void add(Role role, const std::vector<Part>& parts) {
    for (const Part& part : parts) {
      std::optional<Block> block = block_of(part);
      if (!block) continue;
      BlockTurn& turn = turn_of(role);
      if (block->kind == BlockKind::call) name_call(*block);
      if (block->kind == BlockKind::result) match(*block);
      if (role == Role::assistant && (block->kind == BlockKind::text || block->kind == BlockKind::thought))
        add_piece(*block, turn);
      else
        end_piece(), turn.blocks.push_back(std::move(*block));
    }
  }

  std::optional<Block> block_of(const Part& part) {
    Block block;
    if (part.call) block = *part.call;
    if (part.result) block = *part.result;
    if (part.has_media) return PartReader::media_block(part.media, source_.out);
    block.signature = part.signature;
    if (part.call || part.result) return block;
    block.kind = part.thought ? BlockKind::thought : BlockKind::text;
    if (part.thought && !part.text && !part.signature.raw.empty()) {  // as the answer writer says it
      block.kind = BlockKind::redacted;
      block.text = std::exchange(block.signature, {});
      source_.out.note(Field::thoughts);
      return block;
    }
    if (part.text) block.text = *part.text;
    if (block.text.raw.empty() && block.signature.raw.empty()) return std::nullopt;
    return block;
  }

  BlockTurn& turn_of(Role role) {
    auto& turns = source_.out.turns;
    if (turns.empty() || turns.back().role != role) {
      end_piece();
      if (role == Role::assistant) pending_.clear();
      turns.push_back({role, {}});
    }
    return turns.back();
  }

  void name_call(Block& call) {
    if (call.id.raw.empty()) call.id = {source_.out.own("call_" + std::to_string(++calls_)), false};
    pending_.push_back({call.id, call.name});
  }

  void match(Block& result) {
    const auto waits = [&](const Pending& call) {
      return !call.answered && (!result.id.raw.empty() ? result.id.is(call.id.text()) : result.name.is(call.name.text()));
    };
    const auto found = std::ranges::find_if(pending_, waits);
    if (found != pending_.end()) {
      found->answered = true;
      result.id = found->id;
    } else if (result.id.raw.empty()) {
      result.id = result.name;
    }
    result.name = {};
  }

  // A further piece of an unsigned text or thought belongs to it.
  void add_piece(Block& block, BlockTurn& turn) {
    const bool goes_on = pieces_ > 0 && turn.blocks.back().kind == block.kind &&
                         (block.kind == BlockKind::thought || block.signature.raw.empty());
    if (!goes_on) {
      end_piece();
      turn.blocks.push_back(block);
      pieces_ = 1;
    } else {
      Block& last = turn.blocks.back();
      if (++pieces_ == 2) joined_ = last.text.raw;
      joined_ += block.text.raw;
      last.text.escaped = last.text.escaped || block.text.escaped;
      last.signature = block.signature;
    }
    if (!block.signature.raw.empty()) end_piece();
  }

  void end_piece() {
    if (pieces_ > 1) source_.out.turns.back().blocks.back().text.raw = source_.out.own(std::move(joined_));
    if (pieces_ > 0) drop_unsigned();
    pieces_ = 0;
    joined_.clear();
  }

  void drop_unsigned() {
    std::vector<Block>& blocks = source_.out.turns.back().blocks;
    if (blocks.back().kind != BlockKind::thought) return;
    source_.out.note(Field::thoughts);
    if (blocks.back().signature.raw.empty()) blocks.pop_back();
  }

  Source& source_;
  JsonReader& in_;
  std::size_t index_ = 0;
  std::size_t calls_ = 0;
  std::vector<Pending> pending_;
  std::size_t pieces_ = 0;  // of the last block, while more may come
  std::string joined_;
};

}  // namespace

void read_unknown(Source& source, const JsonString& name) {
  std::string text = shown_name(name);
  if (!source.says()) return;
  auto& unknown = source.out.unknown;
  if (unknown.size() < unknown_members_max && std::ranges::find(unknown, text) == unknown.end())
    unknown.push_back(std::move(text));
}

void read_contents(Source& source) {
  ContentsReader(source).read();
  std::erase_if(source.out.turns, [](const BlockTurn& turn) { return turn.blocks.empty(); });
}

void read_system(Source& source) {
  const auto add = [&](const Part& part) {
    if (part.text && !part.text->raw.empty()) source.out.system.emplace_back().text = *part.text;
    if (part.has_media || part.call || part.result)
      source.refuse("systemInstruction", "'systemInstruction' may hold nothing but texts");
  };
  if (source.in.kind() == Kind::string) {
    Part part;
    part.text = source.string();
    return add(part);
  }
  each_member(source.in, [&](const JsonString& name) {
    if (name.is("parts") && source.in.kind() == Kind::array)
      each_element(source.in, [&] { add(PartReader(source).read()); });
    else if (name.is("parts"))
      add(PartReader(source).read());
    else
      source.in.skip();
  });
}

}  // namespace triage::gemini
