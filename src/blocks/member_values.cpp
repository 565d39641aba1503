#include "blocks/member_values.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <charconv>

namespace triage {

constexpr std::size_t name_bytes_max = 64;

JsonString string_of(JsonReader& in) {
  JsonString text;
  if (in.kind() != JsonReader::Kind::string || !in.string(text)) {
    in.skip();
    return {};
  }
  return text;
}

std::string_view read_number(JsonReader& in) {
  std::string_view spelled;
  if (in.kind() == JsonReader::Kind::number)
    in.number(spelled);
  else
    in.skip();
  return spelled;
}

std::optional<std::int64_t> read_whole(JsonReader& in, std::int64_t least) {
  const std::string_view spelled = read_number(in);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(spelled.data(), spelled.data() + spelled.size(), value);
  if (error != std::errc() || end != spelled.data() + spelled.size() || value < least) return std::nullopt;
  return value;
}

std::string shown_name(const JsonString& name) {
  std::string text = name.text().substr(0, name_bytes_max);
  const auto odd = [](char c) { return !is_alphanumeric(c) && c != '_' && c != '-' && c != '.'; };
  std::replace_if(text.begin(), text.end(), odd, '?');
  return text;
}

}  // namespace triage
