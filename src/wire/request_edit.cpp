#include "wire/request_edit.hpp"

#include <nlohmann/json.hpp>

namespace triage {

std::string edited_request(const ApiRequest& request, std::string_view instruction, bool logprobs) {
  using Json = nlohmann::ordered_json;
  if (request.api != Api::chat) return {};
  Json body = Json::parse(request.body, nullptr, false);
  if (!body.is_object()) return {};
  if (logprobs) body["logprobs"] = true;
  if (!instruction.empty()) {
    Json& messages = body["messages"];
    if (!messages.is_array()) return {};
    std::size_t at = 0;
    for (std::size_t i = 0; i < messages.size(); ++i) {
      if (!messages[i].is_object()) continue;
      const Json& role = messages[i].value("role", Json());
      if (role == "system" || role == "developer") at = i + 1;
    }
    messages.insert(messages.begin() + static_cast<std::ptrdiff_t>(at),
                    Json{{"role", "system"}, {"content", instruction}});
  }
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace triage
