#include "blocks/body_reader.hpp"

#include <string>

namespace triage {

Result<JsonReader> body_reader(std::string_view body, std::uint32_t depth_max) {
  constexpr const char* no_object = "the body is not a valid JSON object";
  if (const auto offset = find_invalid_utf8(body))
    return Error{ErrorCode::invalid_json,
                 std::string(no_object) + ": it is not UTF-8 at byte " + std::to_string(*offset)};
  thread_local JsonNames names;
  names.clear();
  JsonReader in(body, depth_max, &names);
  if (in.kind() != JsonReader::Kind::object) return Error{ErrorCode::invalid_json, no_object};
  return in;
}

}  // namespace triage
