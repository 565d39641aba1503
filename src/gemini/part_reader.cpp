#include "gemini/part_reader.hpp"

#include "gemini/spelling.hpp"
#include "json/json.hpp"

namespace triage::gemini {
namespace {

using Kind = JsonReader::Kind;
using Field = RequestField;

// Whether a file is one that Google keeps for an account.
bool is_kept(const JsonString& uri) {
  const std::string text = uri.text();
  return text.starts_with("gs://") || text.starts_with("https://generativelanguage.googleapis.com/") ||
         text.starts_with("files/");
}

void note_media(const Media& media, BlockKind kind, BlockRequest& out) {
  const bool inline_data = media.url.raw.empty();
  if (kind == BlockKind::image) return inline_data ? void() : out.note(Field::image_url);
  if (kind == BlockKind::audio && inline_data) return out.note(Field::audio_input);
  if (!inline_data) out.note(Field::document_url);
  if (media.type.is("application/pdf") || media.type.is("text/plain"))
    return inline_data ? out.note(Field::documents) : void();
  out.note(Field::other_documents);
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
    each_member(in_, [&](const JsonString& name) {
      if (name.is("id"))
        call.id = source_.string();
      else if (name.is("name"))
        call.name = source_.string();
      else if (name.is("args") && in_.kind() == Kind::object)
        call.arguments = source_.value();
      else if (is_called(name, "partialArgs") && in_.kind() == Kind::array)
        part_.pieces = source_.value();
      else if (is_called(name, "willContinue") && in_.kind() == Kind::boolean)
        in_.boolean(part_.goes_on);
      else
        read_unknown(source_, name);
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

  void add_media_of(const Part& part, Block& result) {
    if (!part.has_media) return;
    if (auto block = media_block(part.media, source_.out)) result.inner.push_back(std::move(*block));
  }

  Source& source_;
  JsonReader& in_;
  Part part_;
};

}  // namespace

std::optional<Block> media_block(const Media& media, BlockRequest& out) {
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

Part read_part(Source& source) {
  return PartReader(source).read();
}

}  // namespace triage::gemini
