#include "http1/multipart.hpp"

#include "http1/field_grammar.hpp"
#include "triage/message.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace triage {
namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::size_t boundary_bytes_max = 70;
constexpr std::size_t fields_max = 1000;

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && grammar::is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && grammar::is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// The next parameter of `rest`, which begins behind a value: ; name=value or ; name="value". False: there is none, and
/// `rest` is empty, or it is spelled otherwise, and `rest` is not.
bool next_parameter(std::string_view& rest, std::string_view& name, std::string_view& value, bool& quoted) noexcept {
  std::string_view left = trimmed(rest);
  rest = left;
  if (left.empty() || left.front() != ';') return false;
  left = trimmed(left.substr(1));
  const std::size_t equals = left.find('=');
  if (equals == std::string_view::npos) return false;
  name = left.substr(0, equals);
  left.remove_prefix(equals + 1);
  quoted = left.starts_with('"');
  const std::size_t end = quoted ? left.find('"', 1) : std::min(left.find_first_of("; \t"), left.size());
  if (end == std::string_view::npos || name.empty()) return false;
  value = quoted ? left.substr(1, end - 1) : left.substr(0, end);
  rest = left.substr(end + (quoted ? 1 : 0));
  return !std::ranges::any_of(name, grammar::is_blank) && value.find('\\') == std::string_view::npos;
}

std::optional<std::string_view> boundary_of(std::string_view content_type) noexcept {
  constexpr std::string_view form = "multipart/form-data";
  if (content_type.size() < form.size() || !iequals(content_type.substr(0, form.size()), form)) return std::nullopt;
  std::string_view rest = content_type.substr(form.size());
  std::string_view boundary;
  std::string_view name;
  std::string_view value;
  for (bool quoted = false; next_parameter(rest, name, value, quoted);) {
    if (!iequals(name, "boundary")) continue;
    if (!boundary.empty() || value.empty() || value.size() > boundary_bytes_max) return std::nullopt;
    boundary = value;
  }
  if (!rest.empty() || boundary.empty()) return std::nullopt;
  return boundary;
}

/// The head of a part, without the empty line behind it.
bool read_part_head(std::string_view head, FormField& out) {
  bool disposed = false;
  while (!head.empty()) {
    const std::size_t end = std::min(head.find(line_end), head.size());
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(end + line_end.size(), head.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || line.find_first_of("\r\n") != std::string_view::npos) return false;
    const std::string_view field = line.substr(0, colon);
    if (field.empty() || std::ranges::any_of(field, grammar::is_blank)) return false;
    std::string_view value = trimmed(line.substr(colon + 1));
    if (iequals(field, "content-transfer-encoding")) return false;
    if (!iequals(field, "content-disposition")) continue;
    constexpr std::string_view form_data = "form-data";
    if (std::exchange(disposed, true) || !iequals(value.substr(0, form_data.size()), form_data)) return false;
    value.remove_prefix(form_data.size());
    bool named = false;
    std::string_view name;
    std::string_view text;
    for (bool quoted = false; next_parameter(value, name, text, quoted);) {
      if (iequals(name, "name")) {
        if (std::exchange(named, true) || !quoted || text.find('%') != std::string_view::npos) return false;
        out.name = text;
      } else if (iequals(name, "filename") || iequals(name, "filename*")) {
        out.file = true;
      } else {
        return false;
      }
    }
    if (!value.empty() || !named) return false;
  }
  return disposed;
}

}  // namespace

std::optional<std::vector<FormField>> read_form(std::string_view content_type, std::string_view body) {
  const auto boundary = boundary_of(content_type);
  if (!boundary) return std::nullopt;
  const std::string dashed = "--" + std::string(*boundary);
  const std::string delimiter = std::string(line_end) + dashed;
  std::vector<FormField> out;
  if (!body.starts_with(dashed)) return std::nullopt;
  body.remove_prefix(dashed.size());
  while (!body.starts_with("--")) {
    if (!body.starts_with(line_end) || out.size() == fields_max) return std::nullopt;
    body.remove_prefix(line_end.size());
    const std::size_t next = body.find(dashed);  // anywhere
    if (next == std::string_view::npos || next < line_end.size()) return std::nullopt;
    const std::string_view part = body.substr(0, next - line_end.size());
    if (!body.substr(part.size()).starts_with(delimiter)) return std::nullopt;
    const std::size_t head_end = part.find("\r\n\r\n");
    FormField& field = out.emplace_back();
    if (head_end == std::string_view::npos || !read_part_head(part.substr(0, head_end), field)) return std::nullopt;
    field.value = part.substr(head_end + 2 * line_end.size());
    body.remove_prefix(next + dashed.size());
  }
  body.remove_prefix(2);
  if (!body.empty() && body != line_end) return std::nullopt;
  return out;
}

}  // namespace triage
