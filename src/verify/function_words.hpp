#pragma once
// The small words of English, German, French, Spanish, Italian, Portuguese and Dutch.

#include "base/ascii.hpp"

#include <string_view>

namespace triage::verify {

/// Of any of the languages. `folded`: as fold_case() makes it.
bool is_function_word(std::string_view folded);

/// Whether `c` belongs to a word as it is split here: ASCII letters and all that is beyond ASCII.
inline bool is_letter_byte(char c) noexcept {
  return is_letter(c) || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace triage::verify
