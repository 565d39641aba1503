#pragma once
// What a text consists of, counted 64 bytes at a time, and what follows from it: roughly how many tokens it has, and in
// which script it is written.

#include "triage/chat_view.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace triage {

/// Characters beyond ASCII, by Unicode block.
enum class Letters : std::uint8_t {
  latin,       ///< Latin-1
  latin_more,  ///< Latin Extended
  vietnamese,  ///< U+1E00..1EFF
  greek,
  cyrillic,       ///< the letters of Russian
  cyrillic_more,  ///< all other letters
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
  wide_marks,    ///< CJK punctuation, full-width forms
  symbols,       ///< U+0080..00BF, U+2000..2FFF: dashes, quotes, arrows, operators
  accents,       ///< U+0300..036F, combined with the letter before
  emoji,         ///< U+1F000 and up, and the characters that join them
  mathematical,  ///< U+1D400..1D7FF
  beyond,        ///< any other from U+10000 up
  other
};
inline constexpr std::size_t letters_count = 36;

/// Counts over texts. A run is a maximal sequence of bytes of one class; words are runs of letters, ASCII or not.
struct TextShape {
  std::uint64_t bytes = 0;
  std::uint64_t letters = 0;        ///< ASCII
  std::uint64_t words = 0;          ///< runs of letters
  std::uint64_t words_tied = 0;     ///< words that follow neither white space nor the text's start
  std::uint64_t letters_5 = 0;      ///< ASCII letters that are at least the fifth of their run
  std::uint64_t letters_9 = 0;      ///< the same, at least the ninth
  std::uint64_t letters_dense = 0;  ///< those in whole blocks of 64 bytes with at least 60 of them: DNA, random letters
  std::uint64_t humps = 0;          ///< upper-case letters after a lower-case one
  std::uint64_t capitals = 0;       ///< upper-case letters after an upper-case one
  std::uint64_t digits = 0;
  std::uint64_t numbers = 0;         ///< runs of digits
  std::uint64_t numbers_spaced = 0;  ///< numbers that follow a space
  std::uint64_t digit_groups = 0;    ///< groups of up to three digits, into which each number is cut from its start
  std::uint64_t marks = 0;           ///< ASCII that is neither letter, digit nor white space
  std::uint64_t mark_runs = 0;
  std::uint64_t marks_repeated = 0;  ///< marks equal to the byte before
  std::uint64_t indents = 0;         ///< runs of two or more spaces
  std::uint64_t line_breaks = 0;     ///< runs of tabs and line breaks
  std::array<std::uint64_t, letters_count> beyond_ascii{};
  std::array<std::uint64_t, letters_count> starts_beyond_ascii{};  ///< of them, those that a word starts with
  std::uint64_t sampled = 0;                                       ///< bytes among which J, K and Z were counted
  std::uint64_t sampled_jkz = 0;                                   ///< J, K and Z, in either case

  TextShape& operator+=(const TextShape& more) noexcept;
  [[nodiscard]] std::uint64_t of(Letters block) const noexcept { return beyond_ascii[static_cast<std::size_t>(block)]; }
  /// Letters of scripts that have no name in Script.
  [[nodiscard]] std::uint64_t of_other_scripts() const noexcept;
};

/// Adds the counts of `text` (UTF-8) to `shape`.
void count_text(std::string_view text, TextShape& shape) noexcept;

/// Estimated tokens of o200k: within 15 % for English, code, base64 and most languages from a few hundred bytes on;
/// docs/routing.md has the measured error of each.
std::int64_t estimate_tokens(const TextShape& shape) noexcept;

/// `text` is followed by body_padding readable bytes.
Script script_of(std::string_view text) noexcept;

}  // namespace triage
