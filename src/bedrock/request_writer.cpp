#include "bedrock/request_writer.hpp"

#include "base/ascii.hpp"
#include "bedrock/content_writer.hpp"
#include "blocks/block_request.hpp"
#include "blocks/spelling.hpp"
#include "blocks/thinking.hpp"
#include "blocks/tool_names.hpp"
#include "json/json.hpp"

#include <algorithm>

namespace triage::bedrock {
namespace {

constexpr std::size_t metadata_bytes_max = 256;

// A word for the effort that models besides Claude know.
std::string_view effort_word(Effort effort) noexcept {
  switch (effort) {
    case Effort::minimal:
    case Effort::low: return "low";
    case Effort::high:
    case Effort::xhigh:
    case Effort::max: return "high";
    default: return "medium";
  }
}

// What values of requestMetadata may hold.
bool is_metadata(std::string_view text) noexcept {
  constexpr std::string_view others = " :_@$#=/+,-.";
  return text.size() <= metadata_bytes_max && std::ranges::all_of(text, [&](char c) {
           return is_alphanumeric(c) || others.find(c) != std::string_view::npos;
         });
}

class Writer {
 public:
  Writer(const BlockRequest& request, const Deployment& deployment, const ConverseWords& words, WrittenRequest& out)
      : request_(request),
        deployment_(deployment),
        words_(words),
        claude_(words.effort == ConverseWords::Effort::claude ? thinking_for(request, deployment) : ThinkingChoice()),
        out_(out),
        body_(out.body),
        content_(out.body, words, out.dropped) {}

  std::optional<Error> write() {
    body_ = R"({"messages":)";
    content_.add_messages(request_.turns);
    if (content_.error()) return content_.error();
    content_.add_system(request_.system, R"(,"system":)");
    add_inference();
    add_tools();
    add_format();
    add_model_fields();
    add_user();
    if (!request_.stop.empty()) body_ += R"(,"additionalModelResponseFieldPaths":["/stop_sequence"])";
    body_ += '}';
    triage::note_dropped(request_, WireForm::bedrock, out_.dropped);
    return std::nullopt;
  }

 private:
  void string(const JsonString& text) { body_.append("\"").append(text.raw).append("\""); }
  void drop(std::string_view name) { out_.dropped.emplace_back(name); }
  // Opens an object with the first of its members, and separates the next ones.
  void member(std::string_view name, bool& first) {
    body_.append(std::exchange(first, false) ? "{\"" : ",\"").append(name).append("\":");
  }

  [[nodiscard]] bool takes_sampling() const { return deployment_.sampling.value_or(true) && !claude_.budget; }

  void add_inference() {
    bool first = true;
    const std::size_t begin = body_.size();
    body_ += R"(,"inferenceConfig":)";
    if (request_.max_tokens || claude_.budget) {
      member("maxTokens", first);
      body_ += std::to_string(max_tokens_for(request_, deployment_));
    }
    const auto sample = [&](std::string_view name, std::string_view dropped, std::string_view value) {
      if (value.empty()) return;
      if (!takes_sampling()) return drop(dropped);
      member(name, first);
      body_ += value;
    };
    sample("temperature", "temperature", request_.temperature);
    sample("topP", "top_p", request_.top_p);
    if (!request_.stop.empty()) {
      member("stopSequences", first);
      append_list(body_, request_.stop);
    }
    if (first)
      body_.resize(begin);
    else
      body_ += '}';
  }

  // The tools that calls in the history name: without any, it is refused.
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
    const BlockChoice& choice = request_.choice;
    if (choice.kind == BlockChoice::Kind::named && !words_.named_choice) return tool.name.is(choice.name.text());
    return choice.allowed.empty() || std::ranges::find(choice.allowed, tool.name.text()) != choice.allowed.end();
  }

  // There is no word for "call none": the tools are left out, as far as the history allows.
  void add_tools() {
    const bool none = request_.choice.kind == BlockChoice::Kind::none;
    if (none || request_.tools.empty()) return add_tools_of_history(none && !request_.tools.empty());
    body_ += R"(,"toolConfig":{"tools":[)";
    for (const BlockTool& tool : request_.tools)
      if (is_allowed(tool)) add_tool(tool);
    if (body_.back() == '[') add_tool(request_.tools.front());
    body_ += ']';
    add_choice();
    body_ += '}';
  }

  void add_tools_of_history(bool none) {
    const std::vector<JsonString> names = called_before();
    if (names.empty()) return;
    if (none) drop("tool_choice");
    body_ += R"(,"toolConfig":{"tools":[)";
    for (const JsonString& name : names) {
      BlockTool tool;
      tool.name = name;
      for (const BlockTool& declared : request_.tools)
        if (declared.name.is(name.text())) tool = declared;
      add_tool(tool);
    }
    body_ += "]}";
  }

  void add_choice() {
    using Kind = BlockChoice::Kind;
    const Kind kind = request_.choice.kind;
    if (kind == Kind::any || (kind == Kind::named && !words_.named_choice)) body_ += R"(,"toolChoice":{"any":{}})";
    if (kind != Kind::named || !words_.named_choice) return;
    body_ += R"(,"toolChoice":{"tool":{"name":)";
    append_json_string(body_, sent_tool_name(request_.choice.name.text(), WireForm::bedrock));
    body_ += "}}";
  }

  void add_tool(const BlockTool& tool) {
    if (body_.back() != '[') body_ += ',';
    body_ += R"({"toolSpec":{"name":)";
    append_json_string(body_, sent_tool_name(tool.name.text(), WireForm::bedrock));
    if (!tool.description.raw.empty()) {
      body_ += R"(,"description":)";
      string(tool.description);
    }
    body_ += R"(,"inputSchema":{"json":)";
    append_object_schema(body_, tool.schema);
    body_ += '}';
    if (tool.strict.value_or(false)) body_ += R"(,"strict":true)";
    body_ += "}}";
    content_.add_cache_point(tool.cache_control);
  }

  void add_format() {
    if (request_.schema.empty()) return;
    body_ += R"(,"outputConfig":{"textFormat":{"type":"json_schema","structure":{"jsonSchema":{"schema":)";
    append_json_string(body_, request_.schema);
    for (const auto& [name, text] : {std::pair(R"(,"name":)", &request_.schema_name),
                                     std::pair(R"(,"description":)", &request_.schema_description)}) {
      if (text->raw.empty()) continue;
      body_ += name;
      string(*text);
    }
    body_ += "}}}}";
  }

  // What only the model itself understands, in a shape of its own.
  void add_model_fields() {
    bool first = true;
    const std::size_t begin = body_.size();
    body_ += R"(,"additionalModelRequestFields":)";
    add_top_k(first);
    add_thinking(first);
    if (first)
      body_.resize(begin);
    else
      body_ += '}';
  }

  void add_top_k(bool& first) {
    using TopK = ConverseWords::TopK;
    if (request_.top_k.empty()) return;
    if (!takes_sampling() || words_.top_k == TopK::no) return drop("top_k");
    const bool nova = words_.top_k == TopK::nova;
    member(nova ? "inferenceConfig" : words_.top_k == TopK::k ? "k" : "top_k", first);
    body_.append(nova ? R"({"topK":)" : "").append(request_.top_k).append(nova ? "}" : "");
  }

  void add_thinking(bool& first) {
    using Word = ConverseWords::Effort;
    if (words_.effort == Word::claude) return add_claude_thinking(first);
    const bool asked = request_.effort != Effort::unset || request_.thinking_tokens;
    if (!asked) return;
    if (words_.effort == Word::no || request_.effort == Effort::none) {
      if (request_.effort != Effort::none) drop("reasoning_effort");
      return;
    }
    const bool nova = words_.effort == Word::nova;
    member(nova                                      ? "reasoningConfig"
           : words_.effort == Word::reasoning_config ? "reasoning_config"
                                                     : "reasoning_effort",
           first);
    if (nova) body_ += R"({"type":"enabled","maxReasoningEffort":)";
    body_.append("\"").append(effort_word(request_.effort)).append("\"");
    if (nova) body_ += '}';
  }

  void add_claude_thinking(bool& first) {
    if (claude_.dropped) drop("reasoning_effort");
    if (claude_.budget || claude_.adaptive || claude_.disabled) member("thinking", first);
    if (claude_.budget)
      body_.append(R"({"type":"enabled","budget_tokens":)").append(std::to_string(*claude_.budget)) += '}';
    if (claude_.adaptive) body_ += R"({"type":"adaptive"})";
    if (claude_.disabled) body_ += R"({"type":"disabled"})";
    if (claude_.effort.empty()) return;
    member("output_config", first);
    body_.append(R"({"effort":")").append(claude_.effort).append("\"}");
  }

  void add_user() {
    if (request_.user.raw.empty()) return;
    const std::string user = request_.user.text();
    if (!is_metadata(user)) return drop("user");
    append_json_string(body_ += R"(,"requestMetadata":{"user":)", user);
    body_ += '}';
  }

  const BlockRequest& request_;
  const Deployment& deployment_;
  const ConverseWords& words_;
  const ThinkingChoice claude_;
  WrittenRequest& out_;
  std::string& body_;
  ContentWriter content_;
};

}  // namespace

Result<WrittenRequest> write_request(const BlockRequest& request, const Deployment& deployment,
                                     const ConverseWords& words) {
  if (auto error = unpaired(request)) return *std::move(error);
  WrittenRequest out;
  if (auto error = Writer(request, deployment, words, out).write()) return *std::move(error);
  return Result<WrittenRequest>(std::move(out));
}

}  // namespace triage::bedrock
