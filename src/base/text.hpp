#pragma once

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// 'name'. (It is not called quoted, because for a std::string that would also find std::quoted where <iomanip> is
/// included.)
inline std::string quoted_name(std::string_view name) {
  return "'" + std::string(name) + "'";
}

/// "a, b, c"
inline std::string joined(const std::vector<std::string>& parts, std::string_view between = ", ") {
  std::string out;
  for (const std::string& part : parts) {
    if (&part != parts.data()) out += between;
    out += part;
  }
  return out;
}

/// `text` without white space at both ends.
inline std::string_view trimmed(std::string_view text) noexcept {
  constexpr std::string_view blank = " \t\r\n\f\v";
  const std::size_t first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

/// Decimal digits; of a floating point number, which must be finite, the shortest that read back as the same value.
template <class T>
requires std::integral<T> || std::floating_point<T>
void append_number(std::string& out, T value) {
  char digits[40];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

}  // namespace triage
