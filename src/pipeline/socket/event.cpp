#include "pipeline/socket/event.hpp"

#include "json/json.hpp"

#include <utility>

namespace triage {
namespace {

constexpr std::pair<std::string_view, SocketEventKind> kinds[] = {
    {"response.create", SocketEventKind::asks},
    {"response.created", SocketEventKind::begins},
    {"response.done", SocketEventKind::ends},
    {"response.completed", SocketEventKind::ends},
    {"response.incomplete", SocketEventKind::ends},
    {"response.failed", SocketEventKind::ends},
    {"response.cancelled", SocketEventKind::ends},
    {"conversation.item.input_audio_transcription.completed", SocketEventKind::transcribes},
    {"error", SocketEventKind::fails}};

}  // namespace

SocketEventKind kind_of_event(std::string_view json) noexcept {
  JsonReader in(json);
  if (in.kind() != JsonReader::Kind::object || !in.enter_object()) return SocketEventKind::other;
  JsonString name;
  JsonString type;
  while (in.next_name(name)) {
    if (!name.is("type") || in.kind() != JsonReader::Kind::string) {
      in.skip_unchecked();
      continue;
    }
    if (!in.string(type)) break;
    for (const auto& [word, kind] : kinds)
      if (type.is(word)) return kind;
    break;
  }
  return SocketEventKind::other;
}

std::string error_as_event(int status, std::string_view error_body) {
  std::string out = R"({"type":"error","status":)" + std::to_string(status);
  const std::size_t begin = error_body.find('{');
  if (begin == std::string_view::npos) return out + "}";
  return out.append(",").append(error_body.substr(begin + 1));
}

}  // namespace triage
