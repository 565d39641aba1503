#pragma once
// Many words looked for in one pass over a text.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

inline constexpr std::array<bool, 256> word_bytes = [] {
  std::array<bool, 256> out{};
  for (unsigned c = 0; c < 256; ++c)
    out[c] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  return out;
}();
/// ASCII letter, digit, '_'.
inline bool is_word_byte(char c) noexcept {
  return word_bytes[static_cast<unsigned char>(c)];
}

/// `text` with capitals made small: ASCII, Latin-1, Greek, Cyrillic, each letter of the same length in UTF-8.
void fold_case(std::string_view text, std::string& out);

/// Words or phrases, matched whole and whatever their case: "prove" is in "Prove it!" and not in "improved". A word
/// ends where a letter, digit or '_' meets anything else; scripts that write without blanks (CJK, kana, Thai) have no
/// such bounds. Linear in the text: at each place only the words are compared that start with the same two bytes.
/// Immutable; used by several threads at once.
class KeywordSet {
 public:
  KeywordSet() = default;
  /// Each of `words` is not empty.
  explicit KeywordSet(const std::vector<std::string>& words);

  [[nodiscard]] bool empty() const noexcept { return words_.empty(); }
  /// Calls found(index) for each place of `folded` (from fold_case) where a word stands; stops when it returns false.
  template <class Found>
  void find(std::string_view folded, Found found) const;

 private:
  struct Word {
    std::string folded;
    std::uint32_t index = 0;
    std::uint16_t pair = 0;     ///< its first two bytes
    bool bound_before = false;  ///< starts with a character that words are made of
    bool bound_after = false;
  };
  [[nodiscard]] static bool fits(const Word& word, std::string_view text, std::size_t at) noexcept;
  [[nodiscard]] static std::uint16_t pair_at(std::string_view text, std::size_t at) noexcept {
    const auto second = at + 1 < text.size() ? static_cast<unsigned char>(text[at + 1]) : 0U;
    return static_cast<std::uint16_t>(static_cast<unsigned char>(text[at]) << 8 | second);
  }

  std::vector<Word> words_;            // sorted by their first two bytes
  std::vector<std::uint64_t> pairs_;   // a bit for each two bytes that a word starts with
  std::vector<std::uint32_t> starts_;  // by first byte: the first word; 257 entries
  bool wordy_ = true;                  // all words start with an ASCII letter, digit or '_'
};

/// Bit i: a word starts at at[i] (`wordy`), or something that is neither a word nor a blank stands there (`other`).
/// `inside`: the byte before at[0] belongs to a word; is left as the next 64 bytes need it.
struct WordStarts {
  std::uint64_t wordy = 0;
  std::uint64_t other = 0;
};
WordStarts word_starts(std::string_view text, std::size_t at, bool& inside) noexcept;

template <class Found>
void KeywordSet::find(std::string_view text, Found found) const {
  if (words_.empty()) return;
  bool inside = false;
  for (std::size_t begin = 0; begin < text.size(); begin += 64) {
    const WordStarts starts = word_starts(text, begin, inside);
    for (std::uint64_t bits = starts.wordy | (wordy_ ? 0 : starts.other); bits != 0; bits &= bits - 1) {
      const std::size_t at = begin + static_cast<std::size_t>(std::countr_zero(bits));
      const std::uint16_t pair = pair_at(text, at);
      if ((pairs_[pair >> 6] >> (pair & 63) & 1) == 0) continue;
      const auto first = static_cast<unsigned char>(text[at]);
      for (std::uint32_t i = starts_[first]; i < starts_[first + 1U]; ++i)
        if (words_[i].pair == pair || words_[i].folded.size() == 1)
          if (fits(words_[i], text, at) && !found(words_[i].index)) return;
    }
  }
}

}  // namespace triage
