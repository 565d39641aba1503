#include "openai/conversation.hpp"

#include "json/json.hpp"

namespace triage {
namespace {

// Consumes one message.
bool is_of_user(JsonReader& in) {
  bool user = false;
  each_member(in, [&](const JsonString& name) {
    JsonString role;
    if (name.is("role") && in.kind() == JsonReader::Kind::string && in.string(role)) {
      user = role.is("user");
    } else {
      in.skip_unchecked();
    }
  });
  return user;
}

}  // namespace

std::optional<Conversation> read_conversation(std::string_view body) {
  JsonReader in(body);
  JsonString name;
  if (in.kind() != JsonReader::Kind::object || !in.enter_object()) return std::nullopt;
  while (in.next_name(name)) {
    if (!name.is("messages") || in.kind() != JsonReader::Kind::array) {
      in.skip_unchecked();
      continue;
    }
    const std::size_t begin = in.value_offset();
    in.enter_array();
    while (in.next_element()) {
      if (!is_of_user(in)) continue;
      const std::size_t end = in.offset();
      return Conversation{body.substr(begin, end - begin), in.next_element()};
    }
    return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace triage
