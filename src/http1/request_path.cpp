#include "http1/request_path.hpp"

#include "http1/field_grammar.hpp"

namespace triage {
namespace {

constexpr std::string_view odd_escape =
    "has a percent-encoded slash, backslash, dot, letter, digit, percent sign or control character; write it plainly";

// `.`, `..` and, as some servers read them, `..;x`.
bool is_dots(std::string_view segment) noexcept {
  segment = segment.substr(0, segment.find(';'));
  return segment == "." || segment == "..";
}

// Whether no client needs to encode `byte`, or another reader could take it for a part of the path's structure.
bool is_odd(int byte) noexcept {
  const char c = static_cast<char>(byte);
  const bool control = byte < 0x20 || byte == 0x7f;
  const bool overlong =
      byte == 0xc0 || byte == 0xc1;  // begins no valid character (RFC 3629, 3), but bad decoders take it for a slash
  return control || overlong || c == '/' || c == '\\' || c == '.' || c == '%' || is_alphanumeric(c);
}

std::string_view fault_of_bytes(std::string_view path) noexcept {
  for (std::size_t at = 0; at < path.size(); ++at) {
    if (path[at] == '\\') return "has a backslash, which some servers take for a slash";
    if (path[at] != '%') continue;
    const int high = at + 2 < path.size() ? hex_value(path[at + 1]) : -1;
    const int low = at + 2 < path.size() ? hex_value(path[at + 2]) : -1;
    if (high < 0 || low < 0) return "has a percent sign without two hex digits behind it";
    if (is_odd(high * 16 + low)) return odd_escape;
    at += 2;
  }
  return "";
}

}  // namespace

std::string_view path_fault(std::string_view path) noexcept {
  const std::string_view fault = fault_of_bytes(path);
  if (!fault.empty()) return fault;
  for (std::size_t at = path.find('/'); at != std::string_view::npos;) {
    const std::size_t next = path.find('/', at + 1);
    const std::string_view segment = path.substr(at + 1, next == std::string_view::npos ? next : next - at - 1);
    if (is_dots(segment)) return "has a '.' or '..' segment, which could lead out of the provider's API";
    if (segment.empty() && next != std::string_view::npos) return "has an empty segment ('//')";
    at = next;
  }
  return "";
}

}  // namespace triage
