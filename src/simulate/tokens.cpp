#include "simulate/tokens.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>

// A byte's class decides how the run that it starts continues; see the header for the rules.

namespace triage::simulate {

namespace {

enum class Class : std::uint8_t { letter, digit, space, sign, wide };

constexpr std::array<Class, 256> classes = [] {
  std::array<Class, 256> table{};
  for (std::size_t c = 0; c < 256; ++c) {
    const char ascii = static_cast<char>(c);
    const bool blank = c == ' ' || (c >= '\t' && c <= '\r');
    table[c] = c >= 0x80          ? Class::wide
               : is_letter(ascii) ? Class::letter
               : is_digit(ascii)  ? Class::digit
               : blank            ? Class::space
                                  : Class::sign;
  }
  return table;
}();

Class class_at(std::string_view text, std::size_t at) noexcept {
  return classes[static_cast<unsigned char>(text[at])];
}

// The length of the code point at `at`, as far as it is there: stray continuation bytes count as one each.
std::size_t code_point_length(std::string_view text, std::size_t at) noexcept {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
  return std::min(length, text.size() - at);
}

std::size_t run_end(std::string_view text, std::size_t at, Class kind, std::size_t most) noexcept {
  const std::size_t stop = std::min(text.size(), at + most);
  while (at < stop && class_at(text, at) == kind) ++at;
  return at;
}

std::size_t word_end(std::string_view text, std::size_t at, bool continued) noexcept {
  return run_end(text, at, Class::letter, continued ? 6 : 8);
}

std::size_t wide_end(std::string_view text, std::size_t at) noexcept {
  const std::size_t length = code_point_length(text, at);
  at += length;
  if (length != 2 || at >= text.size() || class_at(text, at) != Class::wide) return at;
  return code_point_length(text, at) == 2 ? at + 2 : at;
}

std::size_t sign_end(std::string_view text, std::size_t at) noexcept {
  const char sign = text[at];
  std::size_t end = at + 1;
  while (end < text.size() && end < at + 3 && text[end] == sign) ++end;
  return end;
}

}  // namespace

std::size_t token_end(std::string_view text, std::size_t begin) noexcept {
  std::size_t at = begin;
  Class kind = class_at(text, at);
  if (text[at] == ' ' && at + 1 < text.size()) {
    const Class next = class_at(text, at + 1);
    if (next != Class::space) {
      ++at;
      kind = next;
    }
  }
  switch (kind) {
    case Class::letter: {
      const bool continued = at == begin && begin > 0 && class_at(text, begin - 1) == Class::letter;
      return word_end(text, at, continued);
    }
    case Class::digit: return run_end(text, at, Class::digit, 3);
    case Class::wide: return wide_end(text, at);
    case Class::sign: return sign_end(text, at);
    case Class::space: break;
  }
  // A run of white space leaves its last space to the word that follows.
  const std::size_t end = run_end(text, at, Class::space, 16);
  return end < text.size() && end > begin + 1 && text[end - 1] == ' ' && class_at(text, end) != Class::space ? end - 1
                                                                                                             : end;
}

std::size_t count_tokens(std::string_view text) noexcept {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); at = token_end(text, at)) ++count;
  return count;
}

void split_tokens(std::string_view text, std::size_t from, std::vector<std::uint32_t>& ends) {
  for (std::size_t at = from; at < text.size();) {
    at = token_end(text, at);
    ends.push_back(static_cast<std::uint32_t>(at));
  }
}

}  // namespace triage::simulate
