#include "anthropic/request_writer.hpp"

#include "blocks/block_request.hpp"
#include "blocks/spelling.hpp"
#include "blocks/thinking.hpp"
#include "blocks/tool_names.hpp"
#include "json/json.hpp"
#include "triage/body_padding.hpp"

#include <algorithm>
#include <span>

namespace triage::anthropic {
namespace {

constexpr std::size_t id_bytes_max = 64;
constexpr std::string_view id_prefix = "toolu_";

bool is_blank(const JsonString& text) {
  return text.text().find_first_not_of(" \t\r\n") == std::string::npos;
}

void append_name(std::string& out, const JsonString& name) {
  append_json_string(out, sent_tool_name(name.text(), WireForm::anthropic));
}

class Writer {
 public:
  Writer(const BlockRequest& request, const Deployment& deployment, WrittenRequest& out)
      : request_(request),
        deployment_(deployment),
        thinking_(thinking_for(request, deployment)),
        out_(out),
        body_(out.body) {}

  void write() {
    add_model();
    add_sampling();
    add_lists();
    add_thinking();
    add_tools();
    add_system();
    add_messages();
    body_ += '}';
    triage::note_dropped(request_, WireForm::anthropic, out_.dropped);
  }

 private:
  void string(const JsonString& text) { body_.append("\"").append(text.raw).append("\""); }
  void member(std::string_view name, std::string_view value) {
    body_.append(",\"").append(name).append("\":").append(value);
  }
  void member(std::string_view name, const JsonString& text) {
    body_.append(",\"").append(name).append("\":");
    string(text);
  }
  void cache(std::string_view cache_control) {
    if (!cache_control.empty()) member("cache_control", cache_control);
  }
  // A comma in front of all but the first.
  void next(bool& first) {
    if (!std::exchange(first, false)) body_ += ',';
  }

  void add_model() {
    body_ = R"({"model":)";
    append_json_string(body_, deployment_.model);
    member("max_tokens", std::to_string(max_tokens_for(request_, deployment_)));
    if (request_.stream) member("stream", "true");
  }

  void add_sampling() {
    const auto add = [this](std::string_view name, std::string_view value, bool taken) {
      if (value.empty()) return;
      if (taken)
        member(name, value);
      else
        out_.dropped.emplace_back(name);
    };
    const bool sampling = deployment_.sampling.value_or(true) && !thinking_.budget;
    add("temperature", request_.temperature, sampling);
    add("top_p", request_.top_p, sampling);
    add("top_k", request_.top_k, sampling);
  }

  void add_lists() {
    if (!request_.stop.empty()) {
      body_ += R"(,"stop_sequences":)";
      append_list(body_, request_.stop);
    }
    if (request_.user.raw.empty()) return;
    body_ += R"(,"metadata":{"user_id":)";
    string(request_.user);
    body_ += '}';
  }

  void add_thinking() {
    if (thinking_.dropped) out_.dropped.emplace_back("reasoning_effort");
    if (thinking_.budget)
      body_.append(R"(,"thinking":{"type":"enabled","budget_tokens":)").append(std::to_string(*thinking_.budget)) +=
          '}';
    if (thinking_.adaptive) body_ += R"(,"thinking":{"type":"adaptive"})";
    if (thinking_.disabled) body_ += R"(,"thinking":{"type":"disabled"})";
    if (thinking_.effort.empty() && request_.schema.empty()) return;
    body_ += R"(,"output_config":{)";
    if (!thinking_.effort.empty()) body_.append(R"("effort":")").append(thinking_.effort).append("\"");
    if (!thinking_.effort.empty() && !request_.schema.empty()) body_ += ',';
    if (!request_.schema.empty())
      body_.append(R"("format":{"type":"json_schema","schema":)").append(request_.schema).append("}");
    body_ += '}';
  }

  // Tools that only the history names must be declared again: it is refused otherwise.
  [[nodiscard]] std::vector<JsonString> called_before() const {
    std::vector<JsonString> out;
    for (const BlockTurn& turn : request_.turns)
      for (const Block& block : turn.blocks) {
        const auto same = [&](const JsonString& name) { return name.is(block.name.text()); };
        if (block.kind == BlockKind::call && std::ranges::none_of(out, same)) out.push_back(block.name);
      }
    return out;
  }

  [[nodiscard]] bool is_allowed(const BlockTool& tool) const {
    const auto& allowed = request_.choice.allowed;
    return allowed.empty() || std::ranges::find(allowed, tool.name.text()) != allowed.end();
  }

  void add_tools() {
    if (request_.tools.empty()) return add_tools_of_history();
    add_choice();
    body_ += R"(,"tools":[)";
    bool first = true;
    for (const BlockTool& tool : request_.tools) {
      if (!is_allowed(tool)) continue;
      next(first);
      add_tool(tool);
    }
    body_ += ']';
  }

  void add_tools_of_history() {
    const std::vector<JsonString> names = called_before();
    if (names.empty()) return;
    body_ += R"(,"tool_choice":{"type":"none"},"tools":[)";
    bool first = true;
    for (const JsonString& name : names) {
      next(first);
      body_ += R"({"name":)";
      string(name);
      member("input_schema", open_schema);
      body_ += '}';
    }
    body_ += ']';
  }

  void add_choice() {
    using Kind = BlockChoice::Kind;
    const bool one = !request_.parallel_calls.value_or(true);
    switch (request_.choice.kind) {
      case Kind::none: body_ += R"(,"tool_choice":{"type":"none"})"; return;
      case Kind::open:
        if (one) body_ += R"(,"tool_choice":{"type":"auto")";
        break;
      case Kind::any: body_ += R"(,"tool_choice":{"type":"any")"; break;
      case Kind::named: append_name(body_ += R"(,"tool_choice":{"type":"tool","name":)", request_.choice.name);
    }
    if (one) member("disable_parallel_tool_use", "true");
    if (one || request_.choice.kind != Kind::open) body_ += '}';
  }

  void add_tool(const BlockTool& tool) {
    append_name(body_ += R"({"name":)", tool.name);
    if (!tool.description.raw.empty()) member("description", tool.description);
    body_ += R"(,"input_schema":)";
    append_object_schema(body_, tool.schema);
    if (tool.strict.value_or(false)) member("strict", "true");
    cache(tool.cache_control);
    body_ += '}';
  }

  void add_system() {
    const auto blank = [](const Block& block) { return is_blank(block.text); };
    if (std::ranges::all_of(request_.system, blank)) return;
    body_ += R"(,"system":[)";
    bool first = true;
    for (const Block& block : request_.system) add_text(block, first);
    body_ += ']';
  }

  void add_text(const Block& block, bool& first) {
    if (is_blank(block.text)) return;
    next(first);
    body_ += R"({"type":"text","text":)";
    string(block.text);
    cache(block.cache_control);
    body_ += '}';
  }

  // What the system says in mid-conversation is the user's, unless the model takes it as it is.
  [[nodiscard]] Role role_of(const BlockTurn& turn) const {
    const bool kept = turn.role == Role::system && deployment_.quirks.later_system == LaterSystem::system;
    return turn.role == Role::assistant || kept ? turn.role : Role::user;
  }

  void add_messages() {
    body_ += R"(,"messages":[)";
    bool first = true;
    const auto& turns = request_.turns;
    if (turns.empty() || role_of(turns.front()) == Role::assistant) {
      next(first);
      body_ += R"({"role":"user","content":"."})";
    }
    for (auto from = turns.begin(); from != turns.end();) {
      const Role role = role_of(*from);
      const auto to = std::find_if(from, turns.end(), [&](const BlockTurn& turn) { return role_of(turn) != role; });
      add_turn({from, to}, role, to == turns.end(), first);
      from = to;
    }
    body_ += ']';
  }

  void add_turn(std::span<const BlockTurn> turns, Role role, bool last, bool& first) {
    const std::size_t before = body_.size();
    const bool first_before = first;
    next(first);
    const std::string_view name = role == Role::user ? "user" : role == Role::system ? "system" : "assistant";
    body_.append(R"({"role":")").append(name).append(R"(","content":[)");
    bool empty = true;
    for (const bool results : {true, false})
      for (const BlockTurn& turn : turns)
        for (const Block& block : turn.blocks)
          if ((block.kind == BlockKind::result) == results) {
            const bool ends =
                last && role == Role::assistant && &turn == &turns.back() && &block == &turn.blocks.back();
            add_block(block, turn.role == Role::system && role == Role::user, ends, empty);
          }
    body_ += "]}";
    if (!empty) return;
    body_.resize(before);  // a turn that says nothing is refused
    first = first_before;
  }

  void add_block(const Block& block, bool system, bool ends, bool& first) {
    if (block.kind == BlockKind::text) {
      if (system) return add_marked(block, first);
      return ends ? add_prefill(block, first) : add_text(block, first);
    }
    next(first);
    switch (block.kind) {
      case BlockKind::call: add_call(block); break;
      case BlockKind::result: add_result(block); break;
      case BlockKind::thought:
        body_ += R"({"type":"thinking","thinking":)";
        string(block.text);
        member("signature", block.signature);
        break;
      case BlockKind::redacted:
        body_ += R"({"type":"redacted_thinking","data":)";
        string(block.text);
        break;
      default: add_media(block);
    }
    cache(block.cache_control);
    body_ += '}';
  }

  // What the system says in mid-conversation stays in place, as the user's.
  void add_marked(const Block& block, bool& first) {
    if (is_blank(block.text)) return;
    next(first);
    body_.append(R"({"type":"text","text":"<system>\n)").append(block.text.raw).append(R"(\n</system>")");
    cache(block.cache_control);
    body_ += '}';
  }

  // A last turn of the assistant, which is continued, must not end in white space.
  void add_prefill(const Block& block, bool& first) {
    std::string text = block.text.text();
    text.erase(text.find_last_not_of(" \t\r\n") + 1);
    if (text.empty()) return;
    next(first);
    body_ += R"({"type":"text","text":)";
    append_json_string(body_, text);
    cache(block.cache_control);
    body_ += '}';
  }

  void add_call(const Block& block) {
    body_ += R"({"type":"tool_use","id":)";
    append_json_string(body_, call_id(block.id, id_prefix, id_bytes_max));
    append_name(body_ += R"(,"name":)", block.name);
    member("input", block.arguments);
  }

  void add_result(const Block& block) {
    body_ += R"({"type":"tool_result","tool_use_id":)";
    append_json_string(body_, call_id(block.id, id_prefix, id_bytes_max));
    const auto says = [](const Block& each) { return each.kind != BlockKind::text || !is_blank(each.text); };
    if (std::ranges::any_of(block.inner, says)) {
      body_ += R"(,"content":[)";
      bool first = true;
      for (const Block& each : block.inner) add_block(each, false, false, first);
      body_ += ']';
    }
    if (block.failed) member("is_error", "true");
  }

  void add_media(const Block& block) {
    const Media& media = block.media;
    const bool document = block.kind == BlockKind::document;
    body_.append(R"({"type":")").append(document ? "document" : "image").append(R"(","source":{"type":)");
    if (!media.url.raw.empty()) {
      body_ += R"("url")";
      member("url", media.url);
    } else if (media.type.is("text/plain")) {
      body_ += R"("text","media_type":"text/plain")";
      body_ += R"(,"data":)";
      append_json_string(body_, decoded_base64(media.data.text()));
    } else {
      body_ += R"("base64")";
      member("media_type", media.type);
      member("data", media.data);
    }
    body_ += '}';
    if (document && !media.name.raw.empty()) member("title", media.name);
  }

  static std::string decoded_base64(std::string_view text);

  const BlockRequest& request_;
  const Deployment& deployment_;
  const ThinkingChoice thinking_;
  WrittenRequest& out_;
  std::string& body_;
};

// RFC 4648, both alphabets; what is neither is skipped.
std::string Writer::decoded_base64(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int value = c >= 'A' && c <= 'Z'   ? c - 'A'
                      : c >= 'a' && c <= 'z' ? c - 'a' + 26
                      : c >= '0' && c <= '9' ? c - '0' + 52
                      : c == '+' || c == '-' ? 62
                      : c == '/' || c == '_' ? 63
                                             : -1;
    if (value < 0) continue;
    bits = (bits << 6 | static_cast<std::uint32_t>(value)) & 0xffffff;
    if ((count += 6) < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xff);
  }
  return out;
}

}  // namespace

Result<WrittenRequest> write_request(const BlockRequest& request, const Deployment& deployment) {
  if (auto error = unpaired(request)) return *std::move(error);
  WrittenRequest out;
  Writer(request, deployment, out).write();
  return Result<WrittenRequest>(std::move(out));
}

}  // namespace triage::anthropic
