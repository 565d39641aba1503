#pragma once
// Classes of bytes for code that reads short answers, beside the classes of ASCII.

#include "base/ascii.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace triage::verify {

constexpr bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
/// Whether `c` belongs to a word in any script.
constexpr bool is_wordy(char c) noexcept {
  return is_alphanumeric(c) || static_cast<unsigned char>(c) >= 0x80;
}

/// `text` without any of `marks` at both ends.
constexpr std::string_view trimmed(std::string_view text, std::string_view marks = " \t\r\n") noexcept {
  const std::size_t begin = text.find_first_not_of(marks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(marks) + 1 - begin);
}

/// The words of a text, which are separated by one or more spaces (U+0020).
inline std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

}  // namespace triage::verify
