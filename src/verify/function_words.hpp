#pragma once
// The small words by which languages in Latin letters are told apart: en, de, fr, es, it, pt, nl.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace triage::verify {

inline constexpr std::array<std::string_view, 7> latin_languages{"en", "de", "fr", "es", "it", "pt", "nl"};

struct FunctionWords {
  std::array<std::uint32_t, latin_languages.size()> hits{};  ///< by language; a word may belong to several
  std::array<std::uint32_t, latin_languages.size()> different{};
  std::uint32_t words = 0;  ///< all words, of letters of any script

  /// The language with most hits.
  [[nodiscard]] std::size_t first() const noexcept;
  /// The index of the language if it is clear: `least` hits or more, three of them different, a sixth of the
  /// words, half as many again as any other language has.
  [[nodiscard]] std::optional<std::size_t> language(std::uint32_t least) const noexcept;
};

/// `folded`: as fold_case() makes it.
FunctionWords count_function_words(std::string_view folded);

/// Of any of the languages.
bool is_function_word(std::string_view folded);

/// Whether `c` belongs to a word as it is split here: ASCII letters and all that is beyond ASCII.
inline bool is_letter_byte(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace triage::verify
