#include "gemini/request_writer.hpp"

#include "blocks/block_request.hpp"
#include "blocks/spelling.hpp"
#include "blocks/tool_names.hpp"
#include "gemini/contents_writer.hpp"
#include "gemini/thinking.hpp"
#include "json/json.hpp"

#include <algorithm>

namespace triage::gemini {
namespace {

class Writer {
 public:
  Writer(const BlockRequest& request, const Deployment& deployment, WrittenRequest& out)
      : request_(request), deployment_(deployment), out_(out), body_(out.body) {}

  void write() {
    body_ = '{';
    add_system();
    write_contents(request_, deployment_, body_);
    add_tools();
    add_settings();
    body_ += '}';
    triage::note_dropped(request_, WireForm::gemini, out_.dropped);
  }

 private:
  void string(const JsonString& text) { body_.append("\"").append(text.raw).append("\""); }
  // A comma in front of all but the first.
  void next(bool& first) {
    if (!std::exchange(first, false)) body_ += ',';
  }

  void add_system() {
    const std::size_t before = body_.size();
    body_ += R"("systemInstruction":{"parts":[)";
    bool first = true;
    for (const Block& block : request_.system) {
      if (is_blank(block.text)) continue;
      next(first);
      body_ += R"({"text":)";
      string(block.text);
      body_ += '}';
    }
    body_ += "]},";
    if (first) body_.resize(before);
  }

  // Where a tool may be called but need not, those that may not are left out: Gemini has no other word for it.
  [[nodiscard]] bool is_declared(const BlockTool& tool) const {
    const auto& allowed = request_.choice.allowed;
    return allowed.empty() || request_.choice.kind != BlockChoice::Kind::open ||
           std::ranges::find(allowed, tool.name.text()) != allowed.end();
  }

  void add_tools() {
    if (request_.tools.empty()) return;
    const std::size_t before = body_.size();
    body_ += R"(,"tools":[{"functionDeclarations":[)";
    bool first = true;
    for (const BlockTool& tool : request_.tools) {
      if (!is_declared(tool)) continue;
      next(first);
      body_ += R"({"name":)";
      append_json_string(body_, sent_tool_name(tool.name.text(), WireForm::gemini));
      if (!tool.description.raw.empty()) {
        body_ += R"(,"description":)";
        string(tool.description);
      }
      if (!tool.schema.empty()) body_.append(R"(,"parametersJsonSchema":)").append(tool.schema);
      body_ += '}';
    }
    body_ += "]}]";
    if (first)
      body_.resize(before);
    else
      add_choice();
  }

  void add_choice() {
    using Kind = BlockChoice::Kind;
    const BlockChoice& choice = request_.choice;
    if (choice.kind == Kind::open) return;
    body_ += R"(,"toolConfig":{"functionCallingConfig":{"mode":)";
    body_ += choice.kind == Kind::none ? R"("NONE")" : R"("ANY")";
    const bool some = choice.kind == Kind::any && !choice.allowed.empty();
    if (choice.kind == Kind::named || some) {
      body_ += R"(,"allowedFunctionNames":[)";
      bool first = true;
      if (choice.kind == Kind::named) append_json_string(body_, sent_tool_name(choice.name.text(), WireForm::gemini));
      for (const std::string& name : some ? choice.allowed : std::vector<std::string>()) {
        next(first);
        append_json_string(body_, sent_tool_name(name, WireForm::gemini));
      }
      body_ += ']';
    }
    body_ += "}}";
  }

  void add_settings() {
    const std::size_t before = body_.size();
    body_ += R"(,"generationConfig":{)";
    const std::size_t empty = body_.size();
    add_limits();
    add_sampling();
    if (!request_.stop.empty()) append_list(member("stopSequences"), request_.stop);
    if (!request_.schema.empty()) {
      member("responseMimeType") += R"("application/json")";
      member("responseJsonSchema") += request_.schema;
    } else if (request_.json_object) {
      member("responseMimeType") += R"("application/json")";
    }
    add_thinking();
    if (body_.size() == empty)
      body_.resize(before);
    else
      body_ += '}';
  }

  std::string& member(std::string_view name) {
    if (body_.back() != '{') body_ += ',';
    return body_.append("\"").append(name).append("\":");
  }

  void add_limits() {
    if (!request_.max_tokens) return;
    const std::int64_t most = deployment_.max_output.value_or(*request_.max_tokens);
    member("maxOutputTokens") += std::to_string(std::min(*request_.max_tokens, most));
  }

  void add_sampling() {
    const auto add = [this](std::string_view name, std::string_view client, std::string_view value) {
      if (value.empty()) return;
      if (deployment_.sampling.value_or(true))
        member(name) += value;
      else
        out_.dropped.emplace_back(client);
    };
    add("temperature", "temperature", request_.temperature);
    add("topP", "top_p", request_.top_p);
    add("topK", "top_k", request_.top_k);
    if (!request_.seed.empty()) member("seed") += request_.seed;
    if (request_.logprobs || request_.top_logprobs.value_or(0) > 0) member("responseLogprobs") += "true";
    if (request_.top_logprobs.value_or(0) > 0) member("logprobs") += std::to_string(*request_.top_logprobs);
    if (!request_.presence_penalty.empty()) member("presencePenalty") += request_.presence_penalty;
    if (!request_.frequency_penalty.empty()) member("frequencyPenalty") += request_.frequency_penalty;
  }

  void add_thinking() {
    const ThinkingChoice thinking = thinking_for(request_, deployment_);
    if (thinking.dropped) out_.dropped.emplace_back("reasoning_effort");
    if (!thinking.budget && thinking.level.empty() && !thinking.shown) return;
    member("thinkingConfig") += '{';
    if (thinking.budget) member("thinkingBudget") += std::to_string(*thinking.budget);
    if (!thinking.level.empty()) member("thinkingLevel").append("\"").append(thinking.level).append("\"");
    if (thinking.shown) member("includeThoughts") += "true";
    body_ += '}';
  }

  const BlockRequest& request_;
  const Deployment& deployment_;
  WrittenRequest& out_;
  std::string& body_;
};

}  // namespace

Result<WrittenRequest> write_request(const BlockRequest& request, const Deployment& deployment) {
  if (auto error = unpaired(request)) return *std::move(error);
  WrittenRequest out;
  Writer(request, deployment, out).write();
  return Result<WrittenRequest>(std::move(out));
}

}  // namespace triage::gemini
