#include "wire/request_edit.hpp"

#include "wire/json.hpp"

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

std::string prefilled_request(const ApiRequest& request, std::string_view text) {
  if (request.api != Api::chat) return {};
  std::size_t end = 0;  // of the last message
  bool assistant = false;
  JsonReader in(request.body);
  each_member(in, [&](const JsonString& name) {
    if (!name.is("messages")) return void(in.skip());
    each_element(in, [&] {
      assistant = false;
      each_member(in, [&](const JsonString& member) {
        JsonString role;
        if (member.is("role") && in.kind() == JsonReader::Kind::string)
          assistant = in.string(role) && role.is("assistant");
        else
          in.skip();
      });
      end = in.offset();
    });
  });
  if (end == 0 || assistant || in.failed()) return {};
  std::string out;
  out.reserve(request.body.size() + text.size() + text.size() / 8 + 64);
  out.append(request.body.substr(0, end)).append(R"(,{"role":"assistant","content":)");
  append_json_string(out, text);
  out.append("}").append(request.body.substr(end));
  return out;
}

}  // namespace triage
