// [{"role":"user","parts":[{"text":"..."}]},
//  {"role":"model","parts":[{"functionCall":{"name":"f","args":{}},"thoughtSignature":"..."}]},
//  {"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"..."}}}]}]
#include "gemini/contents_writer.hpp"

#include "blocks/block_request.hpp"
#include "blocks/tool_names.hpp"
#include "gemini/request_writer.hpp"
#include "json/json.hpp"

#include <algorithm>
#include <span>
#include <vector>

namespace triage::gemini {
namespace {

using Turns = std::span<const BlockTurn>;

bool is_media(const Block& block) noexcept {
  return block.kind == BlockKind::image || block.kind == BlockKind::document || block.kind == BlockKind::audio;
}

std::vector<const Block*> blocks_of(Turns turns, BlockKind kind) {
  std::vector<const Block*> out;
  for (const BlockTurn& turn : turns)
    for (const Block& block : turn.blocks)
      if (block.kind == kind) out.push_back(&block);
  return out;
}

class Contents {
 public:
  Contents(const BlockRequest& request, const Deployment& deployment, std::string& out)
      : request_(request), unsigned_calls_(deployment.quirks.unsigned_calls.value_or("")), out_(out) {}

  void write() {
    out_ += R"("contents":[)";
    const auto& turns = request_.turns;
    for (auto from = turns.begin(); from != turns.end();) {
      const bool assistant = from->role == Role::assistant;
      const auto to = std::find_if(from, turns.end(),
                                   [&](const BlockTurn& turn) { return (turn.role == Role::assistant) != assistant; });
      if (assistant)
        add_assistant({from, to});
      else
        add_user({from, to});
      from = to;
    }
    if (out_.back() == '[') greet();
    out_ += ']';
  }

 private:
  // The first content must be the user's, and there must be one.
  void greet() {
    open("user");
    out_ += R"({"text":"."})";
    close();
  }

  // A content, which is taken back if it says nothing.
  void open(std::string_view role) {
    before_ = out_.size();
    if (out_.back() != '[') out_ += ',';
    out_.append(R"({"role":")").append(role).append(R"(","parts":[)");
    empty_ = out_.size();
  }
  void close() {
    if (out_.size() == empty_)
      out_.resize(before_);
    else
      out_ += "]}";
  }
  void next_part() {
    if (out_.size() != empty_) out_ += ',';
  }

  void add_assistant(Turns turns) {
    calls_ = blocks_of(turns, BlockKind::call);
    if (out_.back() == '[') greet();
    open("model");
    for (const BlockTurn& turn : turns)
      for (const Block& block : turn.blocks) add_said(block);
    close();
  }

  // What the model said.
  void add_said(const Block& block) {
    switch (block.kind) {
      case BlockKind::text:
        if (is_blank(block.text) && block.signature.raw.empty()) return;
        add_text(block.text);
        break;
      case BlockKind::thought:
        if (block.signature.raw.empty()) return;
        add_text(block.text);
        out_ += R"(,"thought":true)";
        break;
      case BlockKind::redacted:
        next_part();
        out_.append(R"({"thought":true,"thoughtSignature":")").append(block.text.raw).append("\"}");
        return;
      case BlockKind::call: add_call(block); break;
      default: return add_media(block);
    }
    sign(block);
    out_ += '}';
  }

  void sign(const Block& block) {
    const bool first = !calls_.empty() && &block == calls_.front();
    if (!block.signature.raw.empty())
      out_.append(R"(,"thoughtSignature":")").append(block.signature.raw).append("\"");
    else if (first && !unsigned_calls_.empty())
      append_json_string(out_ += R"(,"thoughtSignature":)", unsigned_calls_);
  }

  void add_text(const JsonString& text) {
    next_part();
    out_.append(R"({"text":")").append(text.raw).append("\"");
  }

  // OpenAI's and Anthropic's ids, and those that the gateway made, have a '_'; Gemini's own do not, and go back.
  void add_id(const JsonString& id) {
    if (id.raw.find('_') == std::string_view::npos) out_.append(R"("id":")").append(id.raw).append(R"(",)");
  }

  void add_call(const Block& block) {
    next_part();
    out_ += R"({"functionCall":{)";
    add_id(block.id);
    out_ += R"("name":)";
    append_json_string(out_, sent_tool_name(block.name.text(), WireForm::gemini));
    out_.append(R"(,"args":)").append(block.arguments.empty() ? "{}" : block.arguments) += '}';
  }

  // Results first, as a content of their own; then what the user says, with the media of the results.
  void add_user(Turns turns) {
    const std::vector<const Block*> results = blocks_of(turns, BlockKind::result);
    open("user");
    for (const Block* call : calls_)
      for (const Block* result : results)
        if (result->id.is(call->id.text())) add_result(*call, *result);
    close();
    open("user");
    for (const Block* result : results)
      for (const Block& block : result->inner)
        if (is_media(block)) add_media(block);
    for (const BlockTurn& turn : turns)
      for (const Block& block : turn.blocks) add_user_block(block, turn.role == Role::system);
    close();
    calls_.clear();
  }

  void add_user_block(const Block& block, bool system) {
    if (is_media(block)) return add_media(block);
    if (block.kind != BlockKind::text || is_blank(block.text)) return;
    if (!system) {
      add_text(block.text);
    } else {  // it stays in place, as the user's
      next_part();
      out_.append(R"({"text":"<system>\n)").append(block.text.raw).append(R"(\n</system>")");
    }
    out_ += '}';
  }

  void add_result(const Block& call, const Block& result) {
    next_part();
    out_ += R"({"functionResponse":{)";
    add_id(call.id);
    out_ += R"("name":)";
    append_json_string(out_, sent_tool_name(call.name.text(), WireForm::gemini));
    out_.append(R"(,"response":)").append(response_of(result)).append("}}");
  }

  // {"output": text}, {"error": text}; a text that is a JSON object is the response itself.
  static std::string response_of(const Block& result) {
    std::string text;
    int texts = 0;
    for (const Block& block : result.inner) {
      if (block.kind != BlockKind::text) continue;
      if (texts++ > 0) text += R"(\n)";
      text += block.text.raw;
    }
    BlockRequest keeper;
    const std::string plain = JsonString{keeper.own(text), true}.text();
    const std::string_view object = keeper.own(plain);
    const bool is_object = is_json_object(object) && !find_invalid_utf8(object);
    if (is_object && !result.failed) return std::string(object);
    std::string out = result.failed ? R"({"error":)" : R"({"output":)";
    if (is_object)
      out += object;
    else
      out.append("\"").append(text).append("\"");
    return out += '}';
  }

  void add_media(const Block& block) {
    const Media& media = block.media;
    next_part();
    if (media.url.raw.empty()) {
      out_.append(R"({"inlineData":{"mimeType":")").append(type_of(block)).append(R"(","data":")");
      out_.append(media.data.raw).append("\"}}");
    } else {
      out_ += R"({"fileData":{)";
      if (!media.type.raw.empty()) out_.append(R"("mimeType":")").append(media.type.raw).append("\",");
      out_.append(R"("fileUri":")").append(media.url.raw).append("\"}}");
    }
  }

  static std::string_view type_of(const Block& block) {
    if (!block.media.type.raw.empty()) return block.media.type.raw;
    return block.kind == BlockKind::image ? "image/jpeg" : "application/pdf";
  }

  const BlockRequest& request_;
  std::string unsigned_calls_;
  std::string& out_;
  std::vector<const Block*> calls_;  // of the last assistant turn
  std::size_t before_ = 0;           // the content that is being written
  std::size_t empty_ = 0;
};

}  // namespace

bool is_blank(const JsonString& text) {
  return text.text().find_first_not_of(" \t\r\n") == std::string::npos;
}

void write_contents(const BlockRequest& request, const Deployment& deployment, std::string& out) {
  Contents(request, deployment, out).write();
}

}  // namespace triage::gemini
