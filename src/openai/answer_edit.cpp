#include "openai/answer_edit.hpp"

#include "base/buffer.hpp"
#include "http1/sse_reader.hpp"
#include "json/json.hpp"
#include "text/utf8.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace triage {
namespace {

using Json = nlohmann::ordered_json;

Json* member(Json& value, const char* name) {
  if (!value.is_object()) return nullptr;
  const auto found = value.find(name);
  return found == value.end() ? nullptr : &*found;
}

class Editor {
 public:
  explicit Editor(const AnswerEdit& edit) : left_(edit.text_bytes), drop_logprobs_(edit.drop_logprobs) {}

  // The text of `json` as it is to be sent; unchanged if it is not an answer.
  std::string edit(std::string_view json) {
    Json value = Json::parse(json, nullptr, false);
    Json* const choices = member(value, "choices");
    if (choices == nullptr || !choices->is_array()) return std::string(json);
    for (Json& choice : *choices) edit_choice(choice);
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
  }

 private:
  void edit_choice(Json& choice) {
    if (Json* logprobs = member(choice, "logprobs"); logprobs != nullptr && drop_logprobs_) *logprobs = nullptr;
    if (const Json* index = member(choice, "index"); index != nullptr && *index != 0) return;
    for (const char* name : {"message", "delta"})
      if (Json* const said = member(choice, name)) edit_text(member(*said, "content"));
    edit_text(member(choice, "text"));
  }

  void edit_text(Json* text) {
    if (text == nullptr) return;
    if (text->is_array())
      for (Json& part : *text) edit_text(member(part, "text"));
    if (!text->is_string()) return;
    auto& value = text->get_ref<std::string&>();
    const std::size_t kept = utf8_prefix(value, std::min(left_, value.size())).size();
    left_ -= std::min(left_, value.size());
    value.resize(kept);
  }

  std::size_t left_;  // of the text
  bool drop_logprobs_;
};

void append_event(std::string& out, Editor& editor, const SseReader::Event& event) {
  const std::size_t brace = event.data.find_first_not_of(" \t");
  if (brace == std::string_view::npos || event.data[brace] != '{')
    out += event.raw;
  else
    out.append("data: ").append(editor.edit(event.data)).append("\n\n");
}

}  // namespace

std::string edited_answer(std::string_view body, const AnswerEdit& edit) {
  return Editor(edit).edit(body);
}

std::string edited_events(std::string_view events, const AnswerEdit& edit) {
  Buffer padded;
  padded.append(events);
  SseReader reader(events.size() + 1);
  Editor editor(edit);
  std::string out;
  out.reserve(events.size());
  reader.feed(padded.view());
  for (;;) {
    const auto event = reader.next();
    if (!event || !*event) break;
    append_event(out, editor, **event);
  }
  const auto last = reader.finish();
  if (last && *last) append_event(out, editor, **last);
  return out;
}

}  // namespace triage
