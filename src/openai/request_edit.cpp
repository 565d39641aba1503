// The client's own bytes with insertions: numbers keep their digits, texts their escapes.
#include "openai/request_edit.hpp"

#include "json/json.hpp"

#include <algorithm>

namespace triage {
namespace {

std::string message(std::string_view role, std::string_view text) {
  std::string out = R"({"role":")";
  out.append(role).append(R"(","content":)");
  append_json_string(out, text);
  return out + '}';
}

}  // namespace

std::string without_members(std::string_view body, std::span<const std::string_view> names) {
  std::string out = "{";
  JsonReader in(body);
  each_member(in, [&](const JsonString& name) {
    const bool dropped = std::ranges::any_of(names, [&](std::string_view each) { return name.is(each); });
    const std::size_t begin = in.value_offset();
    in.skip_unchecked();
    if (dropped) return;
    if (out.size() > 1) out += ',';
    out.append("\"").append(name.raw).append("\":").append(body.substr(begin, in.offset() - begin));
  });
  return out += '}';
}

std::string edited_request(const ApiRequest& request, std::string_view instruction, bool logprobs) {
  const bool is_list = !request.texts.empty() && request.body[request.texts.begin] == '[';
  if (request.api != Api::chat || (!instruction.empty() && !is_list)) return {};
  const std::size_t first = request.texts.begin + 1;
  std::size_t system = 0;  // offset after the last system message; 0: there is none
  for (const ChatMessage& each : request.messages)
    if (each.role == Role::system) system = each.value.end;
  const bool empty = is_list && request.body.find_first_not_of(" \t\r\n", first) == request.texts.end - 1;
  std::string out(request.body);
  const auto put_instruction = [&] {
    if (instruction.empty()) return;
    const std::string told = message("system", instruction);
    if (system > 0)
      out.insert(system, "," + told);
    else
      out.insert(first, told + (empty ? "" : ","));
  };
  const Span wanted = request.logprobs_value;
  const auto put_logprobs = [&] {
    if (logprobs && !wanted.empty()) out.replace(wanted.begin, wanted.end - wanted.begin, "true");
  };
  const bool behind = wanted.begin > first;  // edit what comes later first, so that offsets stay valid
  if (behind) put_logprobs();
  put_instruction();
  if (!behind) put_logprobs();
  if (logprobs && wanted.empty()) out.insert(request.object_begin, R"("logprobs":true,)");
  return out;
}

std::string prefilled_request(const ApiRequest& request, std::string_view text) {
  if (request.api != Api::chat || request.messages.empty() || request.messages.back().role == Role::assistant)
    return {};
  const std::size_t end = request.messages.back().value.end;
  if (request.body.find_first_not_of(" \t\r\n", end) != request.texts.end - 1) return {};  // no message at the end
  std::string out(request.body);
  out.insert(end, "," + message("assistant", text));
  return out;
}

std::string unstreamed_request(const ApiRequest& request) {
  constexpr std::string_view names[] = {"stream", "stream_options"};
  return without_members(request.body, names);
}

}  // namespace triage
