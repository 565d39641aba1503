#include "openai/chat_writer.hpp"

#include "blocks/block_request.hpp"
#include "blocks/spelling.hpp"
#include "json/json.hpp"

#include <algorithm>

namespace triage::openai {
namespace {

constexpr std::size_t id_bytes_max = 40;
constexpr std::string_view id_prefix = "call_";

bool is_media(const Block& block) noexcept {
  return block.kind == BlockKind::image || block.kind == BlockKind::document || block.kind == BlockKind::audio;
}

class Writer {
 public:
  Writer(const BlockRequest& request, WrittenChat& out) : request_(request), out_(out), body_(out.body) {}

  void write(std::string_view model) {
    body_ = R"({"model":)";
    append_json_string(body_, model);
    if (request_.stream) body_ += R"(,"stream":true)";
    add_limits();
    add_tools();
    add_format();
    add_messages();
    body_ += '}';
  }

 private:
  void string(const JsonString& text) { body_.append("\"").append(text.raw).append("\""); }
  void member(std::string_view name, std::string_view value) {
    if (!value.empty()) body_.append(",\"").append(name).append("\":").append(value);
  }
  void text_member(std::string_view name, const JsonString& text) {
    if (text.raw.empty()) return;
    body_.append(",\"").append(name).append("\":");
    string(text);
  }
  // A comma in front of all but the first.
  void next(bool& first) {
    if (!std::exchange(first, false)) body_ += ',';
  }

  void add_limits() {
    if (request_.max_tokens) {
      const std::size_t begin = body_.size() + 1;
      member("max_tokens", std::to_string(*request_.max_tokens));
      out_.max_tokens = {begin, begin + std::string_view(R"("max_tokens")").size()};
    }
    member("temperature", request_.temperature);
    member("top_p", request_.top_p);
    member("seed", request_.seed);
    member("presence_penalty", request_.presence_penalty);
    member("frequency_penalty", request_.frequency_penalty);
    text_member("verbosity", request_.verbosity);
    text_member("prompt_cache_key", request_.cache_key);
    text_member("user", request_.user);
    if (!request_.stop.empty()) {
      body_ += R"(,"stop":)";
      append_list(body_, request_.stop);
    }
  }

  void add_tools() {
    if (request_.tools.empty()) return;
    add_choice();
    if (!request_.parallel_calls.value_or(true)) member("parallel_tool_calls", "false");
    body_ += R"(,"tools":[)";
    bool first = true;
    for (const BlockTool& tool : request_.tools) {
      next(first);
      body_ += R"({"type":"function","function":{"name":)";
      string(tool.name);
      if (!tool.description.raw.empty()) {
        body_ += R"(,"description":)";
        string(tool.description);
      }
      member("parameters", tool.schema);
      if (tool.strict.value_or(false)) member("strict", "true");
      body_ += "}}";
    }
    body_ += ']';
  }

  void add_choice() {
    switch (request_.choice.kind) {
      case BlockChoice::Kind::open: return;
      case BlockChoice::Kind::none: return member("tool_choice", R"("none")");
      case BlockChoice::Kind::any: return member("tool_choice", R"("required")");
      case BlockChoice::Kind::named:
        body_ += R"(,"tool_choice":{"type":"function","function":{"name":)";
        string(request_.choice.name);
        body_ += "}}";
    }
  }

  void add_format() {
    if (request_.json_object) member("response_format", R"({"type":"json_object"})");
    if (request_.schema.empty()) return;
    body_ += R"(,"response_format":{"type":"json_schema","json_schema":{"name":)";
    if (request_.schema_name.raw.empty())
      body_ += R"("answer")";
    else
      string(request_.schema_name);
    text_member("description", request_.schema_description);
    if (request_.schema_strict) member("strict", *request_.schema_strict ? "true" : "false");
    body_.append(R"(,"schema":)").append(request_.schema).append("}}");
  }

  void add_messages() {
    body_ += R"(,"messages":[)";
    bool first = true;
    if (!request_.system.empty()) add_text_message("system", request_.system, first);
    for (const BlockTurn& turn : request_.turns) {
      if (turn.role == Role::assistant)
        add_assistant(turn, first);
      else if (turn.role == Role::system)
        add_text_message("system", turn.blocks, first);
      else
        add_user(turn, first);
    }
    body_ += ']';
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

  void add_text_message(std::string_view role, const std::vector<Block>& blocks, bool& first) {
    next(first);
    body_.append(R"({"role":")").append(role).append(R"(","content":)");
    texts(blocks, R"(\n\n)");
    body_ += '}';
  }

  void add_assistant(const BlockTurn& turn, bool& first) {
    const auto says = [&](BlockKind kind) {
      return std::ranges::any_of(turn.blocks, [kind](const Block& block) { return block.kind == kind; });
    };
    if (!says(BlockKind::text) && !says(BlockKind::call)) return;
    next(first);
    body_ += R"({"role":"assistant","content":)";
    if (says(BlockKind::text))
      texts(turn.blocks, "");
    else
      body_ += "null";
    if (says(BlockKind::call)) {
      body_ += R"(,"tool_calls":[)";
      bool first_call = true;
      for (const Block& block : turn.blocks)
        if (block.kind == BlockKind::call) add_call(block, first_call);
      body_ += ']';
    }
    body_ += '}';
  }

  void add_call(const Block& block, bool& first) {
    next(first);
    body_ += R"({"id":)";
    append_json_string(body_, call_id(block.id, id_prefix, id_bytes_max));
    body_ += R"(,"type":"function","function":{"name":)";
    string(block.name);
    body_ += R"(,"arguments":)";
    append_json_string(body_, block.arguments);
    body_ += "}}";
  }

  // Results first, each a message; then what the user says, with the media of the results.
  void add_user(const BlockTurn& turn, bool& first) {
    std::vector<const Block*> said;
    for (const Block& block : turn.blocks) {
      if (block.kind != BlockKind::result) continue;
      next(first);
      body_ += R"({"role":"tool","tool_call_id":)";
      append_json_string(body_, call_id(block.id, id_prefix, id_bytes_max));
      body_ += R"(,"content":)";
      texts(block.inner, R"(\n)");
      body_ += '}';
      for (const Block& each : block.inner)
        if (is_media(each)) said.push_back(&each);
    }
    for (const Block& block : turn.blocks)
      if (block.kind == BlockKind::text || is_media(block)) said.push_back(&block);
    if (said.empty()) return;
    next(first);
    body_ += R"({"role":"user","content":)";
    if (said.size() == 1 && said.front()->kind == BlockKind::text) {
      string(said.front()->text);
    } else {
      body_ += '[';
      bool first_part = true;
      for (const Block* block : said) add_part(*block, first_part);
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

  const BlockRequest& request_;
  WrittenChat& out_;
  std::string& body_;
};

}  // namespace

WrittenChat write_chat(const BlockRequest& request, std::string_view model) {
  WrittenChat out;
  Writer(request, out).write(model);
  return out;
}

}  // namespace triage::openai
