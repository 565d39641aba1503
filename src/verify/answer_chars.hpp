#pragma once
// Classes of bytes for code that reads short answers. They do not depend on the locale.

#include <algorithm>
#include <string>
#include <string_view>

namespace triage::verify {

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
constexpr bool is_ascii_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
/// Whether `c` belongs to a word in any script.
constexpr bool is_wordy(char c) noexcept {
  return is_ascii_letter(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80;
}

/// `text` without any of `marks` at both ends.
constexpr std::string_view trimmed(std::string_view text, std::string_view marks = " \t\r\n") noexcept {
  const std::size_t begin = text.find_first_not_of(marks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(marks) + 1 - begin);
}

inline std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

}  // namespace triage::verify
