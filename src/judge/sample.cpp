#include "judge/sample.hpp"

#include "base/text.hpp"
#include "json/json.hpp"
#include "text/utf8.hpp"

#include <algorithm>

namespace triage::judge {
namespace {

std::string_view role_name(Role role) noexcept {
  switch (role) {
    case Role::system: return "system";
    case Role::user: return "user";
    case Role::assistant: return "assistant";
    case Role::tool: return "tool";
    case Role::other: break;
  }
  return "other";
}

void add_text(std::string& to, std::string_view text) {
  if (!to.empty()) to += "\n";
  to += utf8_suffix(text, request_max);
}

// Drops the oldest texts, so that the newest fit.
void keep_the_end(std::vector<Turn>& turns) {
  std::size_t room = request_max;
  for (std::size_t i = turns.size(); i-- > 0;) {
    std::string& text = turns[i].text;
    if (text.size() > room) text = std::string(utf8_suffix(text, room));
    room -= text.size();
    if (room > 0) continue;
    turns.erase(turns.begin(), turns.begin() + static_cast<std::ptrdiff_t>(i));
    return;
  }
}

}  // namespace

std::size_t Sample::bytes() const noexcept {
  std::size_t out = schema.size() + answer.text.size() + answer.refusal.size() + reference.value_or("").size();
  for (const Turn& turn : turns) out += turn.text.size();
  for (const ToolCall& call : answer.tool_calls) out += call.arguments.size();
  return out;
}

Sample sample_of(const ChatView& request, const Completion& answer) {
  Sample out;
  const ApiRequest* const parsed = request.request();
  if (parsed != nullptr && !parsed->messages.empty()) {
    for (const ChatMessage& message : parsed->messages) {
      Turn& turn = out.turns.emplace_back(Turn{role_name(message.role), {}});
      request.each_text(message, [&turn](std::string_view text) {
        add_text(turn.text, text);
        return true;
      });
    }
  } else {
    Turn& turn = out.turns.emplace_back(Turn{"user", {}});
    request.each_text([&turn](std::string_view text) {
      add_text(turn.text, text);
      return true;
    });
  }
  keep_the_end(out.turns);
  out.schema = request.schema();
  out.answer = answer;
  return out;
}

std::string_view not_enough(const Completion& answer) noexcept {
  if (answer.finish_reason == "length") return "it was cut off";
  if (answer.finish_reason == "content_filter") return "it was filtered";
  if (trimmed(text_of(answer)).empty())
    return !answer.tool_calls.empty() ? "it only calls tools" : answer.media ? "it has no text" : "it is empty";
  return {};
}

std::string json_of(const Sample& sample) {
  std::string out = R"({"request":{"messages":[)";
  for (const Turn& turn : sample.turns) {
    out.append(&turn == sample.turns.data() ? "" : ",").append(R"({"role":)");
    append_json_string(out, turn.role);
    out += R"(,"content":)";
    append_json_string(out, turn.text);
    out += '}';
  }
  out += R"(]},"answer":{"text":)";
  append_json_string(out, text_of(sample.answer));
  out += R"(,"tool_calls":[)";
  for (const ToolCall& call : sample.answer.tool_calls) {
    out.append(&call == sample.answer.tool_calls.data() ? "" : ",").append(R"({"name":)");
    append_json_string(out, call.name);
    out += R"(,"arguments":)";
    append_json_string(out, call.arguments);
    out += '}';
  }
  out += R"(],"finish_reason":)";
  append_json_string(out, sample.answer.finish_reason);
  out += R"(},"reference":)";
  sample.reference ? append_json_string(out, *sample.reference) : void(out += "null");
  return out += '}';
}

std::string_view text_of(const Completion& answer) noexcept {
  return answer.refusal.empty() ? std::string_view(answer.text) : std::string_view(answer.refusal);
}

}  // namespace triage::judge
