#pragma once
// What bytes are to those who read short answers, beside the classes of ASCII.

#include "base/ascii.hpp"

#include <string_view>

namespace triage::verify {

constexpr bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
/// Of a word in any script.
constexpr bool is_wordy(char c) noexcept {
  return is_alphanumeric(c) || static_cast<unsigned char>(c) >= 0x80;
}

/// Without what `marks` holds at both ends.
constexpr std::string_view trimmed(std::string_view text, std::string_view marks = " \t\r\n") noexcept {
  const std::size_t begin = text.find_first_not_of(marks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(marks) + 1 - begin);
}

}  // namespace triage::verify
