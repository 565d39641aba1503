#pragma once
// Many words looked for in one pass over a text.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
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

/// Words or phrases, matched whole and whatever their case: "prove" is in "Prove it!" and not in "improved". A word
/// ends where a letter, digit or '_' meets anything else; scripts that write without blanks (CJK, kana, Thai) have no
/// such bounds. Linear in the text: at each place where a word starts, its first three bytes say which words to
/// compare. Immutable; used by several threads at once.
class KeywordSet {
 public:
  KeywordSet() = default;
  /// Each of `words` is not empty.
  explicit KeywordSet(const std::vector<std::string>& words);

  [[nodiscard]] bool empty() const noexcept { return words_.empty(); }
  /// Calls found(index) for each place of `folded` (from FoldedText) where a word stands; stops when it returns false.
  template <class Found>
  void find(std::string_view folded, Found found) const;

 private:
  struct Word {
    std::uint64_t head = 0;       ///< its first eight bytes
    std::uint64_t head_mask = 0;  ///< covers as many as it has
    std::uint32_t index = 0;
    bool bound_before = false;  ///< starts with a character that words are made of
    bool bound_after = false;
    std::string folded;
  };
  static std::uint64_t load(const char* at) noexcept {
    std::uint64_t out;
    std::memcpy(&out, at, sizeof out);
    return out;
  }
  // Of the first three bytes, what tells words apart: 5, 4 and 3 bits.
  static std::size_t slot_of(std::uint64_t head) noexcept {
    return (head & 0x1f) << 7 | (head >> 8 & 0xf) << 3 | (head >> 16 & 7);
  }
  static constexpr std::size_t slot_count = 4096;
  [[nodiscard]] static bool fits(const Word& word, std::string_view text, std::size_t at) noexcept;

  std::vector<Word> words_;
  std::vector<std::uint64_t> used_;     // a bit for each slot that has words
  std::vector<std::uint32_t> starts_;   // by slot: where its words stand in entries_; and the end
  std::vector<std::uint32_t> entries_;  // places in words_; a word of one or two bytes is in several slots
  bool wordy_ = true;                   // all words start with an ASCII letter, digit or '_'
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
      const std::uint64_t head = load(text.data() + at);
      const std::size_t slot = slot_of(head);
      if ((used_[slot >> 6] >> (slot & 63) & 1) == 0) continue;
      for (std::uint32_t i = starts_[slot]; i < starts_[slot + 1]; ++i) {
        const Word& word = words_[entries_[i]];
        if ((head & word.head_mask) == word.head && fits(word, text, at) && !found(word.index)) return;
      }
    }
  }
}

}  // namespace triage
