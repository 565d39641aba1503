#pragma once
// What a text is made of, counted 64 bytes at a time, and what follows from it: about how many tokens it is, in which
// script it is written.

#include "triage/chat_view.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace triage {

/// Characters beyond ASCII, by block.
enum class Letters : std::uint8_t {
  latin,       ///< Latin-1
  latin_more,  ///< Latin Extended
  vietnamese,  ///< U+1E00..1EFF
  greek,
  cyrillic,       ///< of Russian
  cyrillic_more,  ///< of others
  armenian,
  hebrew,
  arabic,
  devanagari,
  bengali,
  gurmukhi,
  gujarati,
  oriya,
  tamil,
  telugu,
  kannada,
  malayalam,
  sinhala,
  thai,
  lao,
  tibetan,
  burmese,
  georgian,
  ethiopic,
  khmer,
  kana,
  han,
  hangul,
  wide_marks,  ///< CJK punctuation, full-width forms
  symbols,     ///< U+0080..00BF, U+2000..2FFF: dashes, quotes, arrows, operators
  accents,     ///< U+0300..036F, put on the letter before
  emoji,       ///< U+1F000 and up, and what joins them
  beyond,      ///< of the others, U+10000 and up
  other
};
inline constexpr std::size_t letters_count = 35;

/// Sums over texts. A run is a longest sequence of bytes of one class; words are runs of letters, ASCII or not.
struct TextShape {
  std::uint64_t bytes = 0;
  std::uint64_t letters = 0;     ///< ASCII
  std::uint64_t words = 0;       ///< runs of letters
  std::uint64_t words_tied = 0;  ///< of them, those behind neither white space nor a text's start
  std::uint64_t letters_5 = 0;   ///< ASCII letters that are the fifth or a later one of their run; as the next
  std::uint64_t letters_9 = 0;
  std::uint64_t humps = 0;     ///< upper case behind lower case
  std::uint64_t capitals = 0;  ///< capitals behind a capital
  std::uint64_t digits = 0;
  std::uint64_t numbers = 0;         ///< runs of digits
  std::uint64_t numbers_spaced = 0;  ///< of them, those behind a blank
  std::uint64_t marks = 0;           ///< ASCII that is neither letter, digit nor white space
  std::uint64_t mark_runs = 0;
  std::uint64_t marks_repeated = 0;  ///< the same as the byte before
  std::uint64_t indents = 0;         ///< runs of two or more blanks
  std::uint64_t line_breaks = 0;     ///< runs of tabs and line breaks
  std::array<std::uint64_t, letters_count> beyond_ascii{};
  std::array<std::uint64_t, letters_count> starts_beyond_ascii{};  ///< of them, those that a word starts with
  std::uint64_t sampled = 0;                                       ///< bytes among which J, K and Z were counted
  std::uint64_t sampled_jkz = 0;                                   ///< J, K and Z, small or not

  TextShape& operator+=(const TextShape& more) noexcept;
  [[nodiscard]] std::uint64_t of(Letters block) const noexcept { return beyond_ascii[static_cast<std::size_t>(block)]; }
  /// Letters of scripts that Script has no name for.
  [[nodiscard]] std::uint64_t of_other_scripts() const noexcept;
};

/// Adds `text` (UTF-8) to `shape`.
void count_text(std::string_view text, TextShape& shape) noexcept;

/// Tokens of o200k, estimated: within 15 % over a few hundred bytes and more of English, code, base64, and of
/// most languages; docs/routing.md has the measured error of each.
std::int64_t estimate_tokens(const TextShape& shape) noexcept;

/// body_padding readable bytes behind.
Script script_of(std::string_view text) noexcept;

}  // namespace triage
