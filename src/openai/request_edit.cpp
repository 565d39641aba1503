// The client's own bytes, with something put between them: its numbers keep their digits, its texts their escapes.
#include "openai/request_edit.hpp"

#include "json/json.hpp"

#include <optional>

namespace triage {
namespace {

// Where things stand in a chat request's body.
struct Places {
  std::size_t first = 0;      // behind the brackets of `messages`; 0: it is no list
  std::size_t system = 0;     // behind its last system message; 0: there is none
  std::size_t last = 0;       // behind its last message; 0: it is empty
  bool by_assistant = false;  // that one's role
  Span logprobs;              // its value; empty: absent
};

std::optional<Places> places_in(std::string_view body) {
  Places out;
  JsonReader in(body);
  const bool object = each_member(in, [&](const JsonString& name) {
    if (name.is("logprobs")) {
      out.logprobs.begin = in.value_offset();
      in.skip();
      out.logprobs.end = in.offset();
      return;
    }
    if (!name.is("messages") || in.kind() != JsonReader::Kind::array) return void(in.skip());
    out.first = in.value_offset() + 1;
    each_element(in, [&] {
      bool system = false;
      out.by_assistant = false;
      each_member(in, [&](const JsonString& member) {
        JsonString role;
        if (!member.is("role") || in.kind() != JsonReader::Kind::string || !in.string(role)) return void(in.skip());
        system = role.is("system") || role.is("developer");
        out.by_assistant = role.is("assistant");
      });
      out.last = in.offset();
      if (system) out.system = out.last;
    });
  });
  if (!object || in.failed()) return std::nullopt;
  return out;
}

std::string message(std::string_view role, std::string_view text) {
  std::string out = R"({"role":")";
  out.append(role).append(R"(","content":)");
  append_json_string(out, text);
  return out + '}';
}

}  // namespace

std::string edited_request(const ApiRequest& request, std::string_view instruction, bool logprobs) {
  const auto places = request.api == Api::chat ? places_in(request.body) : std::nullopt;
  if (!places || (!instruction.empty() && places->first == 0)) return {};
  std::string out(request.body);
  const auto put_instruction = [&] {
    if (instruction.empty()) return;
    const std::string told = message("system", instruction);
    if (places->system > 0)
      out.insert(places->system, "," + told);
    else
      out.insert(places->first, told + (places->last > 0 ? "," : ""));
  };
  const auto put_logprobs = [&] {
    if (logprobs && !places->logprobs.empty())
      out.replace(places->logprobs.begin, places->logprobs.end - places->logprobs.begin, "true");
  };
  const bool behind = places->logprobs.begin > places->first;  // what stands behind first, so that places hold
  if (behind) put_logprobs();
  put_instruction();
  if (!behind) put_logprobs();
  if (logprobs && places->logprobs.empty()) out.insert(out.find('{') + 1, R"("logprobs":true,)");
  return out;
}

std::string prefilled_request(const ApiRequest& request, std::string_view text) {
  const auto places = request.api == Api::chat ? places_in(request.body) : std::nullopt;
  if (!places || places->last == 0 || places->by_assistant) return {};
  std::string out(request.body);
  out.insert(places->last, "," + message("assistant", text));
  return out;
}

}  // namespace triage
