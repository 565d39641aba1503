#include "responses/request_writer.hpp"

#include "blocks/block_request.hpp"
#include "blocks/spelling.hpp"
#include "blocks/tool_names.hpp"
#include "json/json.hpp"
#include "responses/opaque.hpp"

#include <algorithm>

namespace triage::responses {
namespace {

constexpr std::size_t id_bytes_max = 64;
constexpr std::string_view id_prefix = "call_";
constexpr std::int64_t max_tokens_least = 16;  // fewer are refused

// Budgets in the words that the API has.
Effort effort_of(const BlockRequest& request) noexcept {
  constexpr std::int64_t low_most = 2048;
  constexpr std::int64_t medium_most = 12'288;
  if (request.effort != Effort::unset || !request.thinking_tokens) return request.effort;
  return *request.thinking_tokens <= low_most      ? Effort::low
         : *request.thinking_tokens <= medium_most ? Effort::medium
                                                   : Effort::high;
}

class Writer {
 public:
  Writer(const BlockRequest& request, const Deployment& deployment, WrittenRequest& out)
      : request_(request), deployment_(deployment), out_(out), body_(out.body) {}

  void write() {
    body_ = R"({"model":)";
    append_json_string(body_, deployment_.model);
    if (request_.stream) member("stream", "true");
    member("store", "false");
    add_sampling();
    add_reasoning();
    add_include();
    add_text();
    add_tools();
    add_input();
    body_ += '}';
    triage::note_dropped(request_, WireForm::responses, out_.dropped);
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
  void tool_name(std::string name) {
    append_json_string(body_ += R"(,"name":)", sent_tool_name(std::move(name), WireForm::responses));
  }
  // A comma in front of all but the first.
  void next(bool& first) {
    if (!std::exchange(first, false)) body_ += ',';
  }

  void add_sampling() {
    if (request_.max_tokens)
      member("max_output_tokens", std::to_string(std::max(*request_.max_tokens, max_tokens_least)));
    const auto add = [this](std::string_view name, std::string_view value) {
      if (value.empty()) return;
      if (deployment_.sampling.value_or(true))
        member(name, value);
      else
        out_.dropped.emplace_back(name);
    };
    add("temperature", request_.temperature);
    add("top_p", request_.top_p);
    if (!request_.user.raw.empty()) member("user", request_.user);
    if (!request_.cache_key.raw.empty()) member("prompt_cache_key", request_.cache_key);
  }

  // Only models that are said to think by effort are asked to: others refuse both members.
  void add_reasoning() {
    const Effort effort = effort_of(request_);
    if (thinks()) {
      if (effort != Effort::unset) body_.append(R"(,"reasoning":{"effort":")").append(word(effort)).append("\"}");
    } else if (effort != Effort::unset && effort != Effort::none) {
      out_.dropped.emplace_back("reasoning_effort");
    }
  }

  [[nodiscard]] bool thinks() const { return deployment_.thinking == Thinking::adaptive; }

  void add_include() {
    const bool logprobs = request_.logprobs || request_.top_logprobs.value_or(0) > 0;
    if (request_.top_logprobs) member("top_logprobs", std::to_string(*request_.top_logprobs));
    if (!thinks() && !logprobs) return;
    body_ += R"(,"include":[)";
    if (thinks()) body_ += R"("reasoning.encrypted_content")";
    if (logprobs) body_.append(thinks() ? "," : "").append(R"("message.output_text.logprobs")");
    body_ += ']';
  }

  void add_text() {
    const bool format = request_.json_object || !request_.schema.empty();
    if (!format && request_.verbosity.raw.empty()) return;
    body_ += R"(,"text":{)";
    bool first = true;
    if (format) {
      next(first);
      add_format();
    }
    if (!request_.verbosity.raw.empty()) {
      next(first);
      body_ += R"("verbosity":)";
      string(request_.verbosity);
    }
    body_ += '}';
  }

  void add_format() {
    if (request_.schema.empty()) {
      body_ += R"("format":{"type":"json_object"})";
      return;
    }
    body_ += R"("format":{"type":"json_schema","name":)";
    if (request_.schema_name.raw.empty())
      body_ += R"("answer")";
    else
      string(request_.schema_name);
    if (!request_.schema_description.raw.empty()) member("description", request_.schema_description);
    if (request_.schema_strict) member("strict", *request_.schema_strict ? "true" : "false");
    member("schema", request_.schema);
    body_ += '}';
  }

  void add_tools() {
    if (request_.tools.empty()) return;
    add_choice();
    if (request_.parallel_calls) member("parallel_tool_calls", *request_.parallel_calls ? "true" : "false");
    body_ += R"(,"tools":[)";
    bool first = true;
    for (const BlockTool& tool : request_.tools) {
      next(first);
      add_tool(tool);
    }
    body_ += ']';
  }

  // `strict` is said in any case: unset, this API makes the schema strict.
  void add_tool(const BlockTool& tool) {
    begin_tool(tool.name.text(), tool.custom);
    if (!tool.description.raw.empty()) member("description", tool.description);
    if (tool.custom) {
      if (!tool.grammar.raw.empty()) add_grammar(tool);
      body_ += '}';
      return;
    }
    member("parameters", tool.schema.empty() ? R"({"type":"object","properties":{}})" : tool.schema);
    member("strict", tool.strict.value_or(false) ? "true" : "false");
    body_ += '}';
  }

  void add_grammar(const BlockTool& tool) {
    body_ += R"(,"format":{"type":"grammar")";
    member("syntax", tool.syntax);
    member("definition", tool.grammar);
    body_ += '}';
  }

  // {"type":"function","name":"f"
  void begin_tool(const std::string& name, bool custom) {
    body_ += custom ? R"({"type":"custom")" : R"({"type":"function")";
    tool_name(name);
  }

  void add_choice() {
    using Kind = BlockChoice::Kind;
    const BlockChoice& choice = request_.choice;
    if (!choice.allowed.empty() && choice.kind != Kind::named) return add_allowed();
    switch (choice.kind) {
      case Kind::open: return;
      case Kind::none: return member("tool_choice", R"("none")");
      case Kind::any: return member("tool_choice", R"("required")");
      case Kind::named:
        body_ += R"(,"tool_choice":)";
        begin_tool(choice.name.text(), is_custom(request_, choice.name.text()));
        body_ += '}';
    }
  }

  void add_allowed() {
    if (request_.choice.kind == BlockChoice::Kind::none) return member("tool_choice", R"("none")");
    const bool any = request_.choice.kind == BlockChoice::Kind::any;
    body_.append(R"(,"tool_choice":{"type":"allowed_tools","mode":")").append(any ? "required" : "auto");
    body_ += R"(","tools":[)";
    bool first = true;
    for (const std::string& name : request_.choice.allowed) {
      next(first);
      begin_tool(name, is_custom(request_, name));
      body_ += '}';
    }
    body_ += "]}";
  }

  void add_input() {
    if (request_.turns.empty()) {  // something must be asked
      body_ += R"(,"input":[)";
      bool first = true;
      add_text_item("system", request_.system, first);
      body_ += ']';
      return;
    }
    if (!request_.system.empty()) {
      body_ += R"(,"instructions":)";
      texts(request_.system, R"(\n\n)");
    }
    body_ += R"(,"input":[)";
    bool first = true;
    for (const BlockTurn& turn : request_.turns) {
      if (turn.role == Role::assistant)
        add_assistant(turn, first);
      else if (turn.role == Role::system)
        add_text_item("system", turn.blocks, first);
      else
        add_user(turn, first);
    }
    body_ += ']';
  }

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

  void add_text_item(std::string_view role, const std::vector<Block>& blocks, bool& first) {
    next(first);
    body_.append(R"({"role":")").append(role).append(R"(","content":)");
    texts(blocks, R"(\n\n)");
    body_ += '}';
  }

  void add_assistant(const BlockTurn& turn, bool& first) {
    const auto says = [](const Block& block) {
      return block.kind == BlockKind::call || (block.kind == BlockKind::text && !block.text.raw.empty());
    };
    for (auto at = turn.blocks.begin(); at != turn.blocks.end(); ++at) {
      if (says(*at)) {
        next(first);
        at->kind == BlockKind::call ? add_call(*at) : add_said(*at);
      } else if (at->kind == BlockKind::thought && !at->signature.raw.empty() &&
                 std::any_of(at, turn.blocks.end(), says)) {
        next(first);
        add_thought(*at);
      }
    }
  }

  void add_said(const Block& block) {
    body_ += R"({"role":"assistant","content":)";
    string(block.text);
    body_ += '}';
  }

  void add_thought(const Block& block) {
    SplitSignature signature = split_signature(block.signature.raw);
    if (signature.id.empty()) signature.id = block.id.raw;
    body_ += R"({"type":"reasoning")";
    if (!signature.id.empty()) body_.append(R"(,"id":")").append(signature.id).append("\"");
    body_ += R"(,"summary":[)";
    if (!block.text.raw.empty()) {
      body_ += R"({"type":"summary_text","text":)";
      string(block.text);
      body_ += '}';
    }
    body_.append(R"(],"encrypted_content":")").append(signature.encrypted_content).append("\"}");
  }

  void add_call(const Block& block) {
    body_ += block.custom ? R"({"type":"custom_tool_call","call_id":)" : R"({"type":"function_call","call_id":)";
    append_json_string(body_, call_id(block.id, id_prefix, id_bytes_max));
    tool_name(block.name.text());
    if (block.custom) {
      custom_calls_.push_back(block.id.text());
      member("input", block.text);
    } else {
      append_json_string(body_ += R"(,"arguments":)", block.arguments);
    }
    body_ += '}';
  }

  // Results first; then what the user says.
  void add_user(const BlockTurn& turn, bool& first) {
    std::vector<const Block*> said;
    for (const Block& block : turn.blocks) {
      if (block.kind != BlockKind::result) {
        said.push_back(&block);
        continue;
      }
      next(first);
      add_result(block);
    }
    if (said.empty()) return;
    next(first);
    body_ += R"({"role":"user","content":)";
    if (said.size() == 1 && said.front()->kind == BlockKind::text)
      string(said.front()->text);
    else
      parts(said);
    body_ += '}';
  }

  void add_result(const Block& block) {
    const bool custom = std::ranges::find(custom_calls_, block.id.text()) != custom_calls_.end();
    body_ +=
        custom ? R"({"type":"custom_tool_call_output","call_id":)" : R"({"type":"function_call_output","call_id":)";
    append_json_string(body_, call_id(block.id, id_prefix, id_bytes_max));
    body_ += R"(,"output":)";
    const auto is_text = [](const Block& each) { return each.kind == BlockKind::text; };
    if (std::ranges::all_of(block.inner, is_text)) {
      texts(block.inner, R"(\n)");
    } else {
      std::vector<const Block*> all;
      for (const Block& each : block.inner) all.push_back(&each);
      parts(all);
    }
    body_ += '}';
  }

  void parts(const std::vector<const Block*>& blocks) {
    body_ += '[';
    bool first = true;
    for (const Block* block : blocks) {
      next(first);
      add_part(*block);
    }
    body_ += ']';
  }

  void add_part(const Block& block) {
    if (block.kind == BlockKind::image) {
      body_ += R"({"type":"input_image","image_url":)";
      add_address(block.media);
    } else if (block.kind == BlockKind::document) {
      add_document(block.media);
    } else {
      body_ += R"({"type":"input_text","text":)";
      string(block.text);
    }
    body_ += '}';
  }

  void add_document(const Media& media) {
    body_ += R"({"type":"input_file")";
    if (!media.url.raw.empty()) return member("file_url", media.url);
    body_ += R"(,"filename":)";
    if (media.name.raw.empty())
      body_ += media.type.is("text/plain") ? R"("document.txt")" : R"("document.pdf")";
    else
      string(media.name);
    body_ += R"(,"file_data":)";
    add_address(media);
  }

  void add_address(const Media& media) {
    if (!media.url.raw.empty()) return string(media.url);
    body_.append("\"data:").append(media.type.raw).append(";base64,").append(media.data.raw).append("\"");
  }

  const BlockRequest& request_;
  const Deployment& deployment_;
  WrittenRequest& out_;
  std::string& body_;
  std::vector<std::string> custom_calls_;  // their ids
};

}  // namespace

Result<WrittenRequest> write_request(const BlockRequest& request, const Deployment& deployment) {
  if (auto error = unpaired(request)) return *std::move(error);
  WrittenRequest out;
  Writer(request, deployment, out).write();
  return Result<WrittenRequest>(std::move(out));
}

}  // namespace triage::responses
