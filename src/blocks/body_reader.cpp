#include "blocks/body_reader.hpp"

#include <string>
#include <utility>

namespace triage {

Result<JsonReader> body_reader(std::string_view body, std::uint32_t depth_max) {
  std::string no_object = "the body is not a valid JSON object";
  if (const auto offset = find_invalid_utf8(body)) {
    no_object.append(": it is not UTF-8 at byte ").append(std::to_string(*offset));
    return Error{ErrorCode::invalid_json, std::move(no_object)};
  }
  thread_local JsonNames names;
  names.clear();
  JsonReader in(body, depth_max, &names);
  if (in.kind() != JsonReader::Kind::object) return Error{ErrorCode::invalid_json, std::move(no_object)};
  return in;
}

}  // namespace triage
