#include "openai/message_writer.hpp"

#include "base/ascii.hpp"
#include "base/sha256.hpp"
#include "blocks/block_request.hpp"
#include "blocks/tool_names.hpp"
#include "json/json.hpp"
#include "openai/reasoning_details.hpp"

#include <algorithm>
#include <span>

namespace triage::openai {
namespace {

constexpr std::size_t id_bytes_max = 40;
constexpr std::string_view id_prefix = "call_";

using Turns = std::span<const BlockTurn>;

bool is_media(const Block& block) noexcept {
  return block.kind == BlockKind::image || block.kind == BlockKind::document || block.kind == BlockKind::audio;
}

bool says(const std::vector<Block>& blocks, BlockKind kind) noexcept {
  return std::ranges::any_of(blocks, [kind](const Block& block) { return block.kind == kind; });
}

class MessageWriter {
 public:
  MessageWriter(std::string& out, const Quirks& quirks, bool own_names)
      : body_(out),
        own_names_(own_names),
        thoughts_(quirks.sent_thoughts.value_or(SentThoughts::no)),
        nine_(quirks.call_ids == CallIds::nine),
        marks_(quirks.later_system == LaterSystem::marked),
        replies_(quirks.reply_to_results.value_or(false)) {}

  void write(const BlockRequest& request) {
    body_ += '[';
    if (!request.system.empty()) add_system(request.system);
    const Turns turns(request.turns);
    for (std::size_t at = 0; at < turns.size();) {
      const Role role = turns[at].role;
      std::size_t end = at + 1;
      while (role == Role::user && end < turns.size() && turns[end].role == Role::user) ++end;
      if (role == Role::assistant)
        add_assistant(turns[at]);
      else if (role == Role::system)
        marks_ ? add_marked(turns[at]) : add_system(turns[at].blocks);
      else
        add_user(turns.subspan(at, end - at));
      at = end;
    }
    body_ += ']';
  }

 private:
  void string(const JsonString& text, std::string_view before = {}) {
    body_.append(before).append("\"").append(text.raw).append("\"");
  }
  // A comma in front of all but the first.
  void next(bool& first) {
    if (!std::exchange(first, false)) body_ += ',';
  }

  void begin(std::string_view role) {
    next(first_);
    body_.append(R"({"role":")").append(role).append("\"");
    answered_ = role == "tool";
  }

  void begin_user() {
    if (replies_ && answered_) {
      begin("assistant");
      body_ += R"(,"content":"OK."})";
    }
    begin("user");
  }

  // All texts of `blocks` as one, because some servers take nothing else.
  void texts(const std::vector<Block>& blocks, std::string_view between) {
    body_ += '"';
    bool first = true;
    for (const Block& block : blocks) {
      if (block.kind != BlockKind::text) continue;
      if (!std::exchange(first, false)) body_ += between;
      body_ += block.text.raw;
    }
    body_ += '"';
  }

  void add_system(const std::vector<Block>& blocks) {
    begin("system");
    body_ += R"(,"content":)";
    texts(blocks, R"(\n\n)");
    body_ += '}';
  }

  void add_marked(const BlockTurn& turn) {
    begin_user();
    body_ += R"(,"content":"<system>\n)";
    bool first = true;
    for (const Block& block : turn.blocks) {
      if (block.kind != BlockKind::text) continue;
      if (!std::exchange(first, false)) body_ += R"(\n\n)";
      body_ += block.text.raw;
    }
    body_ += R"(\n</system>"})";
  }

  void add_assistant(const BlockTurn& turn) {
    const bool text = says(turn.blocks, BlockKind::text);
    const bool call = says(turn.blocks, BlockKind::call);
    if (!text && !call) return;
    begin("assistant");
    const bool thinks = thoughts_ != SentThoughts::no && says(turn.blocks, BlockKind::thought);
    const std::string details = thinks && thoughts_ == SentThoughts::reasoning ? details_of(turn.blocks) : "";
    if (!details.empty()) {
      body_.append(R"(,"reasoning_details":[)").append(details).append("]");
    } else if (thinks && thoughts_ != SentThoughts::parts) {
      body_.append(",\"").append(word(thoughts_)).append("\":");
      thought_texts(turn.blocks);
    }
    body_ += R"(,"content":)";
    if (thinks && thoughts_ == SentThoughts::parts)
      add_thinking_parts(turn.blocks, text);
    else if (text)
      texts(turn.blocks, "");
    else
      body_ += "null";
    if (call) add_calls(turn.blocks);
    body_ += '}';
  }

  // OpenRouter's, which are the thoughts' signatures.
  static std::string details_of(const std::vector<Block>& blocks) {
    std::string out;
    for (const Block& block : blocks) {
      if (block.kind != BlockKind::thought) continue;
      const std::string text = block.signature.text();
      const std::string_view inside = inside_list(text);
      if (!inside.empty()) out.append(out.empty() ? "" : ",").append(inside);
    }
    return out;
  }

  void thought_texts(const std::vector<Block>& blocks) {
    body_ += '"';
    for (const Block& block : blocks)
      if (block.kind == BlockKind::thought) body_ += block.text.raw;
    body_ += '"';
  }

  // [{"type":"thinking","thinking":[{"type":"text","text":...}]},{"type":"text","text":...}]     (Mistral)
  void add_thinking_parts(const std::vector<Block>& blocks, bool text) {
    body_ += R"([{"type":"thinking","thinking":[{"type":"text","text":)";
    thought_texts(blocks);
    body_ += "}]}";
    if (text) {
      body_ += R"(,{"type":"text","text":)";
      texts(blocks, "");
      body_ += '}';
    }
    body_ += ']';
  }

  void add_calls(const std::vector<Block>& blocks) {
    body_ += R"(,"tool_calls":[)";
    bool first = true;
    for (const Block& block : blocks) {
      if (block.kind != BlockKind::call) continue;
      next(first);
      body_ += R"({"id":)";
      add_id(block.id);
      body_ += block.custom ? R"(,"type":"custom","custom":{"name":)" : R"(,"type":"function","function":{"name":)";
      if (own_names_)
        string(block.name);
      else
        append_json_string(body_, sent_tool_name(block.name.text(), WireForm::openai));
      if (block.custom)
        string(block.text, R"(,"input":)");
      else
        append_json_string(body_ += R"(,"arguments":)", block.arguments);
      body_ += "}}";
    }
    body_ += ']';
  }

  void add_id(const JsonString& id) {
    append_json_string(body_, nine_ ? nine_of(id) : call_id(id, id_prefix, id_bytes_max));
  }

  // Results first, each a message; then what the user says, with the media of the results.
  void add_user(Turns turns) {
    for (const BlockTurn& turn : turns)
      for (const Block& block : turn.blocks)
        if (block.kind == BlockKind::result) add_result(block);
    for (const BlockTurn& turn : turns) {
      std::vector<const Block*> said;
      for (const Block& block : turn.blocks)
        for (const Block& each : block.inner)
          if (is_media(each)) said.push_back(&each);
      for (const Block& block : turn.blocks)
        if (block.kind == BlockKind::text || is_media(block)) said.push_back(&block);
      if (!said.empty()) add_parts(said);
    }
  }

  void add_result(const Block& block) {
    begin("tool");
    body_ += R"(,"tool_call_id":)";
    add_id(block.id);
    body_ += R"(,"content":)";
    texts(block.inner, R"(\n)");
    body_ += '}';
  }

  void add_parts(const std::vector<const Block*>& said) {
    begin_user();
    body_ += R"(,"content":)";
    if (said.size() == 1 && said.front()->kind == BlockKind::text) {
      string(said.front()->text);
    } else {
      body_ += '[';
      bool first = true;
      for (const Block* const block : said) add_part(*block, first);
      body_ += ']';
    }
    body_ += '}';
  }

  void add_part(const Block& block, bool& first) {
    next(first);
    if (block.kind == BlockKind::text) {
      body_ += R"({"type":"text","text":)";
      string(block.text);
      body_ += '}';
    } else if (block.kind == BlockKind::image) {
      body_ += R"({"type":"image_url","image_url":{"url":)";
      add_address(block.media);
      body_ += "}}";
    } else if (block.kind == BlockKind::audio) {
      const std::string_view type = block.media.type.raw;
      body_.append(R"({"type":"input_audio","input_audio":{"data":")").append(block.media.data.raw);
      body_.append(R"(","format":")").append(type.substr(type.find('/') + 1)).append("\"}}");
    } else {
      body_ += R"({"type":"file","file":{"filename":)";
      if (block.media.name.raw.empty())
        body_ += R"("document.pdf")";
      else
        string(block.media.name);
      body_ += R"(,"file_data":)";
      add_address(block.media);
      body_ += "}}";
    }
  }

  void add_address(const Media& media) {
    if (!media.url.raw.empty()) return string(media.url);
    body_.append("\"data:").append(media.type.raw).append(";base64,").append(media.data.raw).append("\"");
  }

  std::string& body_;
  const bool own_names_;
  const SentThoughts thoughts_;
  const bool nine_;
  const bool marks_;
  const bool replies_;
  bool first_ = true;
  bool answered_ = false;  // the last message is a tool's result
};

}  // namespace

std::string nine_of(const JsonString& id) {
  constexpr std::string_view letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  constexpr std::size_t size = 9;
  std::string text = id.text();
  if (text.size() == size && std::ranges::all_of(text, is_alphanumeric)) return text;
  const auto digest = sha256(text);
  text.clear();
  for (std::size_t i = 0; i < size; ++i) text += letters[digest[i] % letters.size()];
  return text;
}

void append_messages(std::string& out, const BlockRequest& request, const Quirks& quirks, bool own_names) {
  MessageWriter(out, quirks, own_names).write(request);
}

}  // namespace triage::openai
