#include "openai/chat_writer.hpp"

#include "blocks/block_request.hpp"
#include "blocks/effort.hpp"
#include "blocks/spelling.hpp"
#include "blocks/tool_names.hpp"
#include "json/json.hpp"
#include "openai/message_writer.hpp"

#include <algorithm>

namespace triage::openai {
namespace {

using Kind = BlockChoice::Kind;

const Quirks no_quirks;
const std::vector<std::string> usual_efforts{"none", "minimal", "low", "medium", "high", "xhigh"};

class Writer {
 public:
  Writer(const BlockRequest& request, const Quirks& quirks, WrittenChat& out)
      : request_(request), quirks_(quirks), out_(out), body_(out.body) {}

  void write(std::string_view model, bool sampling) {
    add_beginning(model);
    add_rest(sampling);
  }

  void write_for(const Deployment& deployment, bool usage) {
    own_names_ = false;
    add_beginning(deployment.model);
    if (usage) body_ += R"(,"stream_options":{"include_usage":true})";
    add_effort(deployment);
    if (quirks_.reasoning_format) {
      body_ += R"(,"reasoning_format":)";
      append_json_string(body_, *quirks_.reasoning_format);
    }
    const bool thinks = asks_to_think(request_) && request_.effort != Effort::none;
    add_rest(deployment.sampling.value_or(true) && (!thinks || quirks_.sampling_with_thinking.value_or(true)));
  }

 private:
  void add_beginning(std::string_view model) {
    body_ = R"({"model":)";
    append_json_string(body_, model);
    if (request_.stream) body_ += R"(,"stream":true)";
  }

  void add_rest(bool sampling) {
    add_limits(sampling);
    add_tools();
    add_format();
    append_messages(body_ += R"(,"messages":)", request_, quirks_, own_names_);
    body_ += '}';
  }

  void string(const JsonString& text) { body_.append("\"").append(text.raw).append("\""); }
  void member(std::string_view name, std::string_view value) {
    if (!value.empty() && !is_left_out(name)) body_.append(",\"").append(name).append("\":").append(value);
  }
  void text_member(std::string_view name, const JsonString& text) {
    if (text.raw.empty() || is_left_out(name)) return;
    body_.append(",\"").append(name).append("\":");
    string(text);
  }
  // A comma in front of all but the first.
  void next(bool& first) {
    if (!std::exchange(first, false)) body_ += ',';
  }

  bool is_left_out(std::string_view name) {
    if (!quirks_.left_out || std::ranges::find(*quirks_.left_out, name) == quirks_.left_out->end()) return false;
    out_.dropped.emplace_back(name);
    return true;
  }

  void add_effort(const Deployment& deployment) {
    if (!asks_to_think(request_)) return;
    const bool worded = deployment.thinking == Thinking::adaptive || deployment.thinking == Thinking::level;
    const EffortWord usual = worded ? EffortWord::reasoning_effort : EffortWord::no;
    const EffortWord said = deployment.thinking == Thinking::none ? EffortWord::no : quirks_.effort.value_or(usual);
    const Effort effort = effort_of(request_);
    const std::string_view text = nearest_effort(effort, quirks_.efforts ? *quirks_.efforts : usual_efforts);
    if (said == EffortWord::thinking)
      body_.append(R"(,"thinking":{"type":")").append(effort == Effort::none ? "disabled" : "enabled").append("\"}");
    else if (said == EffortWord::reasoning && request_.thinking_tokens)
      body_.append(R"(,"reasoning":{"max_tokens":)").append(std::to_string(*request_.thinking_tokens)) += '}';
    else if (said == EffortWord::reasoning && !text.empty())
      body_.append(R"(,"reasoning":{"effort":")").append(text).append("\"}");
    else if (said == EffortWord::reasoning_effort && !text.empty())
      body_.append(R"(,"reasoning_effort":")").append(text).append("\"");
    else
      out_.dropped.emplace_back("thinking");
  }

  void add_limits(bool sampling) {
    if (request_.max_tokens)
      member(word(quirks_.limit.value_or(LimitWord::max_tokens)), std::to_string(*request_.max_tokens));
    const auto sampled = [&](std::string_view name, std::string_view value) {
      if (sampling)
        member(name, value);
      else if (!value.empty())
        out_.dropped.emplace_back(name);
    };
    sampled("temperature", request_.temperature);
    sampled("top_p", request_.top_p);
    sampled("presence_penalty", request_.presence_penalty);
    sampled("frequency_penalty", request_.frequency_penalty);
    member(quirks_.seed ? *quirks_.seed : "seed", request_.seed);
    text_member("verbosity", request_.verbosity);
    text_member("prompt_cache_key", request_.cache_key);
    text_member("user", request_.user);
    add_logprobs();
    if (request_.stop.empty()) return;
    body_ += R"(,"stop":)";
    append_list(body_, request_.stop);
  }

  void add_logprobs() {
    if (request_.logprobs || request_.top_logprobs.value_or(0) > 0) member("logprobs", "true");
    if (request_.top_logprobs) member("top_logprobs", std::to_string(*request_.top_logprobs));
  }

  [[nodiscard]] bool takes(ChoiceWord choice) const {
    return !quirks_.tool_choices || std::ranges::find(*quirks_.tool_choices, choice) != quirks_.tool_choices->end();
  }

  // Whether the only way to say that this tool must be called is to send no other.
  [[nodiscard]] bool goes_alone(Kind kind) const {
    return kind == Kind::named && !takes(ChoiceWord::named) && takes(ChoiceWord::required);
  }

  [[nodiscard]] bool is_sent(const BlockTool& tool) const {
    const BlockChoice& choice = request_.choice;
    if (goes_alone(choice.kind)) return tool.name.is(choice.name.text());
    return choice.allowed.empty() || std::ranges::find(choice.allowed, tool.name.text()) != choice.allowed.end();
  }

  void add_tools() {
    if (request_.tools.empty()) return;
    if (request_.choice.kind == Kind::none && !takes(ChoiceWord::none)) return;
    add_choice();
    if (!request_.parallel_calls.value_or(true)) member("parallel_tool_calls", "false");
    body_ += R"(,"tools":[)";
    bool first = true;
    for (const BlockTool& tool : request_.tools)
      if (is_sent(tool)) add_tool(tool, first);
    body_ += ']';
  }

  void tool_name(const JsonString& name) {
    if (own_names_) return string(name);
    append_json_string(body_, sent_tool_name(name.text(), WireForm::openai));
  }

  void add_tool(const BlockTool& tool, bool& first) {
    next(first);
    body_ += tool.custom ? R"({"type":"custom","custom":{"name":)" : R"({"type":"function","function":{"name":)";
    tool_name(tool.name);
    if (!tool.description.raw.empty()) {
      body_ += R"(,"description":)";
      string(tool.description);
    }
    if (!tool.schema.empty()) body_.append(R"(,"parameters":)").append(tool.schema);
    if (tool.strict.value_or(false)) member("strict", "true");
    if (!tool.grammar.raw.empty()) add_grammar(tool);
    body_ += "}}";
  }

  void add_grammar(const BlockTool& tool) {
    body_ += R"(,"format":{"type":"grammar","grammar":{"definition":)";
    string(tool.grammar);
    text_member("syntax", tool.syntax);
    body_ += "}}";
  }

  void add_choice() {
    switch (request_.choice.kind) {
      case Kind::open: return;
      case Kind::none: return member("tool_choice", R"("none")");
      case Kind::any: return member("tool_choice", R"("required")");
      case Kind::named:
        if (goes_alone(Kind::named)) return member("tool_choice", R"("required")");
        body_ += is_custom(request_, request_.choice.name.text())
                     ? R"(,"tool_choice":{"type":"custom","custom":{"name":)"
                     : R"(,"tool_choice":{"type":"function","function":{"name":)";
        tool_name(request_.choice.name);
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

  const BlockRequest& request_;
  const Quirks& quirks_;
  WrittenChat& out_;
  std::string& body_;
  bool own_names_ = true;
};

}  // namespace

std::string write_chat(const BlockRequest& request, std::string_view model) {
  WrittenChat out;
  Writer(request, no_quirks, out).write(model, true);
  return std::move(out.body);
}

WrittenChat write_chat_for(const BlockRequest& request, const Deployment& deployment, bool usage) {
  WrittenChat out;
  Writer(request, deployment.quirks, out).write_for(deployment, usage);
  return out;
}

}  // namespace triage::openai
