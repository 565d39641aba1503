#include "gemini/spelling.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <charconv>

namespace triage::gemini {
namespace {

bool is_upper(char c) noexcept {
  return c >= 'A' && c <= 'Z';
}

bool spells(std::string_view member, std::string_view name) noexcept {
  std::size_t at = 0;
  for (const char wanted : name) {
    if (at < member.size() && member[at] == wanted) {
      ++at;
      continue;
    }
    const bool snake =
        is_upper(wanted) && at + 1 < member.size() && member[at] == '_' && member[at + 1] == to_lower(wanted);
    if (!snake) return false;
    at += 2;
  }
  return at == member.size();
}

}  // namespace

bool is_called(const JsonString& member, std::string_view name) {
  return member.escaped ? spells(member.text(), name) : spells(member.raw, name);
}

JsonString standard_base64(const JsonString& text, BlockRequest& owner) {
  constexpr std::size_t group = 4;
  const bool plain =
      !text.escaped && text.raw.size() % group == 0 && text.raw.find_first_of("-_") == std::string_view::npos;
  if (plain) return text;
  std::string out = text.text();
  std::ranges::replace(out, '-', '+');
  std::ranges::replace(out, '_', '/');
  while (out.size() % group != 0) out += '=';
  if (!text.escaped) return {owner.own(std::move(out)), false};
  std::string spelled;
  append_json_escaped(spelled, out);
  const bool escaped = spelled.size() != out.size();
  return {owner.own(std::move(spelled)), escaped};
}

std::string_view read_number(JsonReader& in) {
  std::string_view spelled;
  JsonString text;
  if (in.kind() == JsonReader::Kind::number) {
    in.number(spelled);
  } else if (in.kind() == JsonReader::Kind::string) {
    in.string(text);
    double value = 0;
    const auto [end, error] = std::from_chars(text.raw.data(), text.raw.data() + text.raw.size(), value);
    const bool number = error == std::errc() && end == text.raw.data() + text.raw.size() &&
                        (is_digit(text.raw.front()) || text.raw.front() == '-') && is_digit(text.raw.back());
    if (number) spelled = text.raw;
  } else {
    in.skip();
  }
  const std::size_t point = spelled.find('.');
  if (point == std::string_view::npos || spelled.find_first_not_of('0', point + 1) != std::string_view::npos)
    return spelled;
  return spelled.substr(0, point);
}

std::optional<std::int64_t> read_whole(JsonReader& in) {
  const std::string_view spelled = read_number(in);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(spelled.data(), spelled.data() + spelled.size(), value);
  if (error != std::errc() || end != spelled.data() + spelled.size()) return std::nullopt;
  return value;
}

}  // namespace triage::gemini
