#pragma once
// Characters as the reference tokenizer (Hugging Face's tokenizers) classifies and normalizes them. Its libraries carry
// tables of old versions of Unicode, and a model was trained with what they say, so that newer tables would be wrong.

#include <cstddef>
#include <string>
#include <string_view>

namespace triage::tokenize {

// All texts here are valid UTF-8.

/// The character at `at`, which is moved behind it.
inline char32_t decode(std::string_view text, std::size_t& at) noexcept {
  const auto byte = [&] { return static_cast<unsigned char>(text[at++]); };
  const char32_t first = byte();
  if (first < 0x80) return first;
  if (first < 0xe0) return (first & 0x1f) << 6 | (byte() & 0x3fU);
  char32_t point = first & (first < 0xf0 ? 0x0f : 0x07);
  for (int more = first < 0xf0 ? 2 : 3; more > 0; --more) point = point << 6 | (byte() & 0x3fU);
  return point;
}

void append_utf8(std::string& out, char32_t point);

/// Unicode's White_Space.
bool is_white_space(char32_t point) noexcept;
/// Categories M* of Unicode 9.
bool is_mark(char32_t point) noexcept;
/// Category Mn of Unicode 8, when it stands in a decomposed text.
bool is_nonspacing_mark(char32_t point) noexcept;
/// ASCII's punctuation and symbols, and categories P* of Unicode 8.
bool is_punctuation(char32_t point) noexcept;
/// Categories N*.
bool is_number(char32_t point) noexcept;
/// What BERT drops: controls but for tab and line ends, formats, private use, U+FFFD.
bool is_not_text(char32_t point) noexcept;
/// The blocks that BERT takes for Chinese.
bool is_chinese(char32_t point) noexcept;

/// Appends `point` in lower case: one or two characters.
void append_lower(std::string& out, char32_t point);

enum class NormalForm { nfc, nfd, nfkc, nfkd };
/// The form of Unicode 9 (UAX 15). Linear in the text but for a sort of each run of marks.
void normalize(std::string& text, NormalForm form);

/// The end of the extended grapheme cluster (UAX 29) that begins at `begin`, which must be before the end.
std::size_t grapheme_end(std::string_view text, std::size_t begin) noexcept;

}  // namespace triage::tokenize
