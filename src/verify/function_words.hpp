#pragma once
// The function words of English, German, French, Spanish, Italian, Portuguese and Dutch.

#include "base/ascii.hpp"

#include <string_view>

namespace triage::verify {

/// Whether `folded`, as fold_case() makes it, is one in any of these languages.
bool is_function_word(std::string_view folded);

/// Whether `c` belongs to a word as split here: ASCII letters and everything beyond ASCII.
inline bool is_letter_byte(char c) noexcept {
  return is_letter(c) || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace triage::verify
