#include "openai/event_edit.hpp"

#include <nlohmann/json.hpp>

namespace triage {
namespace {

using Json = nlohmann::ordered_json;

void set(Json& event, const char* name, const std::string& spelled) {
  if (spelled.empty()) return;
  Json value = Json::parse(spelled, nullptr, false);
  if (!value.is_discarded()) event[name] = std::move(value);
}

}  // namespace

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
