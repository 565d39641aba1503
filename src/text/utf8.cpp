#include "text/utf8.hpp"

#include <algorithm>

namespace triage {

std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max) noexcept {
  if (text.size() <= bytes_max) return text;
  std::size_t size = bytes_max;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  return text.substr(0, size);
}

std::string_view utf8_suffix(std::string_view text, std::size_t bytes_max) noexcept {
  std::size_t begin = text.size() - std::min(text.size(), bytes_max);
  while (begin < text.size() && (static_cast<unsigned char>(text[begin]) & 0xc0) == 0x80) ++begin;
  return text.substr(begin);
}

}  // namespace triage
