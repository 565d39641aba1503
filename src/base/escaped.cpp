// UTF-8 (RFC 3629): 0xxxxxxx, 110xxxxx 10xxxxxx, 1110xxxx and two more, 11110xxx and three more; the shortest form
// only, no surrogates, nothing above U+10FFFF.
#include "base/escaped.hpp"

#include <array>
#include <cstdint>
#include <cstdio>

namespace triage {
namespace {

struct Symbol {
  std::uint32_t code = 0;
  std::size_t bytes = 0;  // 0: not UTF-8
};

// The first character of `text`, which begins with a byte above 0x7f.
Symbol symbol_of(std::string_view text) noexcept {
  const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(text[at]); };
  const std::uint8_t lead = byte(0);
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return {};
  std::uint32_t code = lead & (0x7fU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return {};
    code = code << 6U | (byte(i) & 0x3fU);
  }
  constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  if (code < least[bytes] || surrogate || code > 0x10ffff) return {};
  return {code, bytes};
}

void append_code(std::string& out, std::uint32_t code) {
  char text[8];
  std::snprintf(text, sizeof text, "\\u%04x", code);
  out += text;
}

}  // namespace

void append_escaped(std::string& out, std::string_view text, bool quoted) {
  while (!text.empty()) {
    const char first = text.front();
    std::size_t bytes = 1;
    if (static_cast<std::uint8_t>(first) > 0x7f) {
      const Symbol symbol = symbol_of(text);
      bytes = symbol.bytes > 0 ? symbol.bytes : 1;
      const bool control = symbol.code < 0xa0 || symbol.code == 0x2028 || symbol.code == 0x2029;
      if (symbol.bytes == 0)
        out += "\xef\xbf\xbd";
      else if (control)
        append_code(out, symbol.code);
      else
        out += text.substr(0, bytes);
    } else if (first == '\n') {
      out += "\\n";
    } else if (first == '\t') {
      out += "\\t";
    } else if (quoted && (first == '"' || first == '\\')) {
      out += '\\';
      out += first;
    } else if (first < 0x20 || first == 0x7f) {
      append_code(out, static_cast<std::uint32_t>(first));
    } else {
      out += first;
    }
    text.remove_prefix(bytes);
  }
}

}  // namespace triage
