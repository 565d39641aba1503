// data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"Pa"}}]}
// data: {"id":"c",...,"choices":[{"index":0,"delta":{"content":"ris"},"finish_reason":"stop"}],"usage":{...}}
// -> {"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"content":"Paris"},...}],"usage":{...}}
#include "openai/whole_answer.hpp"

#include "http1/sse_reader.hpp"

#include <map>
#include <nlohmann/json.hpp>

namespace triage {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t choices_max = 128;

// Texts are continued, lists of calls by their index; of anything else the last counts.
void add(const Json& piece, Json& whole) {
  for (const auto& [name, value] : piece.items()) {
    Json& known = whole[name];
    if (value.is_string() && known.is_string() && name != "role" && name != "id" && name != "type" && name != "name") {
      known = known.get<std::string>() + value.get<std::string>();
    } else if (value.is_array() && name == "tool_calls") {
      if (!known.is_array()) known = Json::array();
      for (const Json& call : value) {
        if (!call.is_object()) continue;
        const std::size_t at = call.contains("index") && call["index"].is_number_unsigned()
                                   ? std::min<std::size_t>(call["index"].get<std::size_t>(), choices_max)
                                   : known.size();
        while (known.size() <= at) known.push_back(Json::object());
        add(call, known[at]);
        known[at].erase("index");
      }
    } else if (value.is_array() && known.is_array()) {
      known.insert(known.end(), value.begin(), value.end());
    } else if (value.is_object() && known.is_object()) {
      add(value, known);
    } else if (!value.is_null() || known.is_null()) {
      known = value;
    }
  }
}

void add_choice(const Json& piece, std::map<std::size_t, Json>& choices) {
  std::size_t index = 0;
  if (piece.contains("index") && piece["index"].is_number_unsigned()) index = piece["index"].get<std::size_t>();
  if (index >= choices_max) return;
  Json& whole = choices.try_emplace(index, Json{{"index", index}}).first->second;
  Json rest = piece;
  if (rest.contains("delta")) {
    rest["message"] = rest["delta"];
    rest.erase("delta");
  }
  add(rest, whole);
}

}  // namespace

std::optional<std::string> whole_answer(std::string_view events) {
  SseReader reader(events.size() + 2);
  reader.feed_copy(events);
  Json out = Json::object();
  std::map<std::size_t, Json> choices;
  bool done = false;
  for (bool last = false; !done;) {
    auto event = reader.next();
    if (event && !*event && !std::exchange(last, true)) event = reader.finish();
    if (!event || !*event) break;
    if (const std::string_view data = (*event)->data; data.find("[DONE]") < 2) {
      done = true;
    } else if (Json chunk = Json::parse(data, nullptr, false); chunk.is_object()) {
      if (chunk.contains("error") && !chunk["error"].empty()) return std::nullopt;
      if (chunk.contains("choices") && chunk["choices"].is_array())
        for (const Json& piece : chunk["choices"])
          if (piece.is_object()) add_choice(piece, choices);
      chunk.erase("choices");
      for (const auto& [name, value] : chunk.items())
        if (!value.is_null() || !out.contains(name)) out[name] = value;
    }
  }
  if (choices.empty()) return std::nullopt;
  if (out.value("object", Json()) == "chat.completion.chunk") out["object"] = "chat.completion";
  out["choices"] = Json::array();
  for (auto& [index, choice] : choices) {
    if (!done && !choice.value("finish_reason", Json()).is_string()) return std::nullopt;
    out["choices"].push_back(std::move(choice));
  }
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace triage
