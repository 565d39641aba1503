// {"id":"c","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"He"},
//                                               "logprobs":null,"finish_reason":null}]}
//
// A completion has `text` in place of `delta`. What a delta has besides and is null or empty says nothing.
#include "openai/stream_piece.hpp"

#include "json/json.hpp"

#include <nlohmann/json.hpp>

namespace triage {
namespace {

class PieceReader {
 public:
  PieceReader(std::string_view json, std::string& text) : json_(json), in_(json), text_(text) {}

  StreamPiece read() {
    each_member(in_, [this](const JsonString& name) {
      if (name.is("id"))
        piece_.id = value();
      else if (name.is("created"))
        piece_.created = value();
      else if (name.is("model"))
        piece_.model = value();
      else if (name.is("choices"))
        read_choices();
      else
        in_.skip();
    });
    return piece_;
  }

 private:
  void read_choices() {
    each_element(in_, [this] {
      piece_.more = piece_.more || piece_.choices;
      piece_.choices = true;
      read_choice();
    });
  }

  void read_choice() {
    each_member(in_, [this](const JsonString& name) {
      if (name.is("delta"))
        read_delta();
      else if (name.is("text"))
        read_text();
      else if (name.is("finish_reason"))
        piece_.finished = says_something() || piece_.finished;
      else if (name.is("index"))
        piece_.more = value() != "0" || piece_.more;
      else if (name.is("logprobs"))
        piece_.more = says_something() || piece_.more;
      else
        in_.skip();
    });
  }

  void read_delta() {
    each_member(in_, [this](const JsonString& name) {
      if (name.is("content"))
        read_text();
      else if (name.is("role"))
        piece_.role = says_something() || piece_.role;
      else if (name.is("tool_calls") || name.is("function_call") || name.is("refusal"))
        piece_.acts = says_something() || piece_.acts;
      else
        piece_.more = says_something() || piece_.more;
    });
  }

  void read_text() {
    JsonString text;
    if (in_.kind() != JsonReader::Kind::string)
      piece_.more = says_something() || piece_.more;  // parts
    else if (in_.string(text))
      text.append_to(text_);
  }

  std::string_view value() {
    const std::size_t begin = in_.value_offset();
    return in_.skip() ? json_.substr(begin, in_.offset() - begin) : std::string_view();
  }

  bool says_something() {
    const std::string_view spelled = value();
    for (const std::string_view nothing : {"", "null", "false", "\"\"", "\"null\"", "[]", "{}"})
      if (spelled == nothing) return false;
    return true;
  }

  std::string_view json_;
  JsonReader in_;
  std::string& text_;
  StreamPiece piece_;
};

using Json = nlohmann::ordered_json;

void set(Json& event, const char* name, const std::string& spelled) {
  if (spelled.empty()) return;
  Json value = Json::parse(spelled, nullptr, false);
  if (!value.is_discarded()) event[name] = std::move(value);
}

}  // namespace

StreamPiece read_stream_piece(std::string_view json, std::string& text) {
  return PieceReader(json, text).read();
}

std::optional<std::string> edited_stream_event(std::string_view json, const StreamIdentity& identity,
                                               std::optional<std::string_view> text, bool role) {
  Json event = Json::parse(json, nullptr, false);
  if (!event.is_object()) return std::nullopt;
  set(event, "id", identity.id);
  set(event, "created", identity.created);
  set(event, "model", identity.model);
  const auto choices = event.find("choices");
  if (choices != event.end() && choices->is_array() && !choices->empty() && choices->front().is_object()) {
    Json& choice = choices->front();
    const auto delta = choice.find("delta");
    const bool chat = delta != choice.end() && delta->is_object();
    if (chat && !role) delta->erase("role");
    if (text) (chat ? (*delta)["content"] : choice["text"]) = *text;
  }
  return "data: " + event.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n\n";
}

}  // namespace triage
