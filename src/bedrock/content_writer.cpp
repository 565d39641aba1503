// {"text":"Hi"}                                                              a text must not be blank
// {"image":{"format":"png","source":{"bytes":"..."}}}
// {"document":{"format":"pdf","name":"report","source":{"bytes":"..."}}}     a text must stand beside it
// {"toolUse":{"toolUseId":"t","name":"f","input":{}}}
// {"toolResult":{"toolUseId":"t","content":[...],"status":"error"}}
// {"reasoningContent":{"reasoningText":{"text":"...","signature":"..."}}}    or {"redactedContent":"..."}
// {"cachePoint":{"type":"default"}}                                          not right behind a document
#include "bedrock/content_writer.hpp"

#include "base/ascii.hpp"
#include "blocks/block_request.hpp"
#include "blocks/tool_names.hpp"
#include "json/json.hpp"

#include <algorithm>
#include <span>

namespace triage::bedrock {
namespace {

constexpr std::size_t id_bytes_max = 64;
constexpr std::string_view id_prefix = "tooluse_";
constexpr std::size_t name_bytes_max = 100;
constexpr std::string_view filler = R"({"text":"."})";  // where something must be said
constexpr std::string_view empty_result = R"({"text":"no output"})";
constexpr std::string_view white = " \t\r\n";

struct Format {
  std::string_view type;
  std::string_view word;
};
constexpr Format image_formats[] = {
    {"image/png", "png"}, {"image/jpeg", "jpeg"}, {"image/jpg", "jpeg"}, {"image/gif", "gif"}, {"image/webp", "webp"}};
constexpr Format document_formats[] = {
    {"application/pdf", "pdf"},
    {"text/plain", "txt"},
    {"text/markdown", "md"},
    {"text/html", "html"},
    {"text/csv", "csv"},
    {"application/msword", "doc"},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"},
    {"application/vnd.ms-excel", "xls"},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"}};
constexpr Format audio_formats[] = {{"audio/wav", "wav"}, {"audio/x-wav", "wav"}, {"audio/mpeg", "mp3"},
                                    {"audio/mp3", "mp3"}, {"audio/aac", "aac"},   {"audio/flac", "flac"},
                                    {"audio/ogg", "ogg"}, {"audio/opus", "opus"}, {"audio/webm", "webm"},
                                    {"audio/mp4", "mp4"}, {"audio/x-m4a", "m4a"}};

std::string_view format_of(const JsonString& type, std::span<const Format> formats) {
  const std::string text = to_lower(type.text());
  for (const Format& each : formats)
    if (text.substr(0, text.find(';')) == each.type) return each.word;
  return {};
}

bool is_blank(const JsonString& text) {
  return text.text().find_first_not_of(white) == std::string::npos;
}

// Whether there is something to send. A thought without a signature is refused.
bool says(const Block& block) {
  switch (block.kind) {
    case BlockKind::text: return !is_blank(block.text);
    case BlockKind::thought: return !block.signature.raw.empty();
    case BlockKind::redacted: return !block.text.raw.empty();
    default: return true;
  }
}

Role role_of(const BlockTurn& turn) noexcept {
  return turn.role == Role::assistant ? Role::assistant : Role::user;
}

bool is_result(const Block& block) noexcept {
  return block.kind == BlockKind::result;
}

// What is inside a result cannot have a cache point: the last one's is put behind the result.
std::string_view cache_control_of(const Block& block) noexcept {
  if (!block.cache_control.empty()) return block.cache_control;
  for (auto inner = block.inner.rbegin(); inner != block.inner.rend(); ++inner)
    if (!inner->cache_control.empty()) return inner->cache_control;
  return {};
}

std::string cache_point(std::string_view cache_control) {
  JsonReader in(cache_control);
  bool hour = false;
  each_member(in, [&](const JsonString& name) {
    JsonString ttl;
    if (!name.is("ttl") || in.kind() != JsonReader::Kind::string) return void(in.skip());
    in.string(ttl);
    hour = ttl.is("1h");
  });
  return hour ? R"({"cachePoint":{"type":"default","ttl":"1h"}})" : R"({"cachePoint":{"type":"default"}})";
}

}  // namespace

void ContentWriter::next() {
  if (out_.back() != '[') out_ += ',';
}

void ContentWriter::string(const JsonString& text) {
  out_.append("\"").append(text.raw).append("\"");
}

void ContentWriter::refuse(std::string message) {
  if (!error_) error_ = Error{ErrorCode::untranslatable, std::move(message), "messages"};
}

void ContentWriter::add_cache_point(std::string_view cache_control) {
  if (cache_control.empty()) return;
  if (!words_.cache_points) return dropped_.emplace_back("cache_control"), void();
  next();
  out_ += cache_point(cache_control);
}

void ContentWriter::add_system(const std::vector<Block>& blocks, std::string_view before) {
  if (std::ranges::all_of(blocks, [](const Block& block) { return is_blank(block.text); })) return;
  out_.append(before) += '[';
  for (const Block& block : blocks) {
    if (is_blank(block.text)) continue;
    add_item({&block, false}, false);
    add_cache_point(block.cache_control);
  }
  out_ += ']';
}

std::vector<ContentWriter::Message> ContentWriter::messages_of(const std::vector<BlockTurn>& turns) const {
  std::vector<Message> out;
  for (const BlockTurn& turn : turns)
    for (const Block& block : turn.blocks) {
      if (!says(block)) continue;
      if (out.empty() || out.back().role != role_of(turn)) out.push_back({role_of(turn), {}});
      out.back().items.push_back({&block, turn.role == Role::system});
    }
  for (Message& message : out)
    std::stable_partition(message.items.begin(), message.items.end(),
                          [](const Item& item) { return is_result(*item.block); });
  return out;
}

void ContentWriter::add_messages(const std::vector<BlockTurn>& turns) {
  const std::vector<Message> messages = messages_of(turns);
  out_ += '[';
  if (messages.empty() || messages.front().role == Role::assistant)
    out_.append(R"({"role":"user","content":[)").append(filler).append("]}");
  for (const Message& message : messages) {
    const auto other = std::ranges::find_if(message.items, [](const Item& item) { return !is_result(*item.block); });
    const bool mixed = other != message.items.begin() && other != message.items.end();
    const bool last = &message == &messages.back();
    if (!mixed || !words_.reply_to_results) {
      add_message(message, last);
      continue;
    }
    add_message({message.role, {message.items.begin(), other}}, false);
    out_.append(R"(,{"role":"assistant","content":[)").append(filler).append("]}");
    add_message({message.role, {other, message.items.end()}}, last);
  }
  out_ += ']';
}

void ContentWriter::add_message(const Message& message, bool last) {
  const bool user = message.role == Role::user;
  next();
  out_.append(R"({"role":")").append(user ? "user" : "assistant").append(R"(","content":[)");
  bool any_document = false;
  bool any_text = false;
  std::size_t documents = std::string::npos;  // where those at the end begin
  for (const Item& item : message.items) {
    const Block& block = *item.block;
    const bool document = block.kind == BlockKind::document;
    any_document = any_document || document;
    any_text = any_text || block.kind == BlockKind::text;
    documents = document ? std::min(documents, out_.size()) : std::string::npos;
    add_item(item, last && !user && &item == &message.items.back());
    if (document)
      add_cache_point_at(documents, block.cache_control);
    else
      add_cache_point(cache_control_of(block));
  }
  if (any_document && !any_text) {
    next();
    out_ += filler;
  }
  out_ += "]}";
}

// In front of the documents that a turn ends with, if anything is there to be cached.
void ContentWriter::add_cache_point_at(std::size_t at, std::string_view cache_control) {
  if (cache_control.empty()) return;
  const std::string point = "," + cache_point(cache_control);
  const std::string_view before = std::string_view(out_).substr(0, at);
  if (before.ends_with('[') || !words_.cache_points) return dropped_.emplace_back("cache_control"), void();
  if (!before.ends_with(point)) out_.insert(at, point);
}

void ContentWriter::add_item(const Item& item, bool prefill) {
  const Block& block = *item.block;
  if (block.kind != BlockKind::text) next();
  switch (block.kind) {
    case BlockKind::text: add_text(item, prefill); break;
    case BlockKind::thought:
    case BlockKind::redacted: add_thought(block); break;
    case BlockKind::call: add_call(block); break;
    case BlockKind::result: add_result(block); break;
    default: add_media(block);
  }
}

// What the system says in mid-conversation is marked. A last turn of the assistant, which is continued, must not end in
// white space.
void ContentWriter::add_text(const Item& item, bool prefill) {
  next();
  out_ += R"({"text":)";
  if (item.system) {
    out_.append(R"("<system>\n)").append(item.block->text.raw).append(R"(\n</system>")");
  } else if (prefill) {
    std::string text = item.block->text.text();
    text.erase(text.find_last_not_of(white) + 1);
    append_json_string(out_, text);
  } else {
    string(item.block->text);
  }
  out_ += '}';
}

void ContentWriter::add_thought(const Block& block) {
  out_ += R"({"reasoningContent":{)";
  if (block.kind == BlockKind::redacted) {
    out_ += R"("redactedContent":)";
    string(block.text);
    out_ += "}}";
    return;
  }
  out_ += R"("reasoningText":{"text":)";
  string(block.text);
  out_ += R"(,"signature":)";
  string(block.signature);
  out_ += "}}}";
}

void ContentWriter::add_call(const Block& block) {
  out_ += R"({"toolUse":{"toolUseId":)";
  append_json_string(out_, call_id(block.id, id_prefix, id_bytes_max));
  append_json_string(out_ += R"(,"name":)", sent_tool_name(block.name.text(), WireForm::bedrock));
  out_.append(R"(,"input":)").append(block.arguments).append("}}");
}

void ContentWriter::add_result(const Block& block) {
  out_ += R"({"toolResult":{"toolUseId":)";
  append_json_string(out_, call_id(block.id, id_prefix, id_bytes_max));
  out_ += R"(,"content":[)";
  for (const Block& inner : block.inner)
    if (says(inner)) add_item({&inner, false}, false);
  if (out_.back() == '[') out_ += empty_result;
  out_ += ']';
  if (block.failed && words_.failed_results) out_ += R"(,"status":"error")";
  if (block.failed && !words_.failed_results) dropped_.emplace_back("is_error");
  out_ += "}}";
}

void ContentWriter::add_media(const Block& block) {
  const Media& media = block.media;
  const bool image = block.kind == BlockKind::image;
  const bool document = block.kind == BlockKind::document;
  const std::string_view kind = image ? "image" : document ? "document" : "audio";
  const std::string_view format = image      ? format_of(media.type, image_formats)
                                  : document ? format_of(media.type, document_formats)
                                             : format_of(media.type, audio_formats);
  if (media.data.raw.empty()) return refuse("Bedrock fetches nothing: send the " + std::string(kind) + " as base64");
  if (format.empty())
    return refuse("Bedrock takes no " + std::string(kind) + " of the type '" + media.type.text().substr(0, 64) + "'");
  out_.append("{\"").append(kind).append(R"(":{"format":")").append(format).append("\"");
  if (document) append_json_string(out_ += R"(,"name":)", document_name(media.name));
  out_ += R"(,"source":{"bytes":)";
  string(media.data);
  out_ += "}}}";
}

// Letters, digits, '-', brackets and single spaces; no two are the same. The model reads it.
std::string ContentWriter::document_name(const JsonString& name) {
  std::string text = name.text();
  if (const std::size_t dot = text.rfind('.'); dot != std::string::npos && dot > 0) text.resize(dot);
  std::string out;
  for (const char c : text) {
    const bool kept = is_alphanumeric(c) || c == '-' || c == '(' || c == ')' || c == '[' || c == ']';
    if (kept)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
    if (out.size() == name_bytes_max) break;
  }
  while (out.ends_with(' ')) out.pop_back();
  if (out.empty()) out = "document";
  const std::string stem = out;
  for (std::size_t i = 2; std::ranges::find(names_, out) != names_.end(); ++i) out = stem + "-" + std::to_string(i);
  return names_.emplace_back(std::move(out));
}

}  // namespace triage::bedrock
