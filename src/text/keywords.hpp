#pragma once
// Looks for many words in one pass over a text.

#include "base/ascii.hpp"
#include "text/folded_text.hpp"

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
  for (unsigned c = 0; c < 256; ++c) out[c] = is_alphanumeric(static_cast<char>(c)) || c == '_';
  return out;
}();
/// Whether `c` is an ASCII letter, a digit or '_'.
inline bool is_word_byte(char c) noexcept {
  return word_bytes[static_cast<unsigned char>(c)];
}

/// Words or phrases, matched as whole words whatever their case: "prove" is in "Prove it!" and not in "improved". A
/// word ends where a letter, digit or '_' meets anything else; scripts that write without spaces (CJK, kana, Thai) have
/// no such boundaries. Linear in the text: wherever a word starts, its first three bytes say which words to compare.
/// Immutable and thread-safe.
class KeywordSet {
 public:
  /// None of `words` may be empty.
  explicit KeywordSet(const std::vector<std::string>& words = {});

  /// Calls found(index) for each occurrence of a word in `part`, until it returns false.
  template <class Found>
  void find(const FoldedText::Part& part, Found found) const;

 private:
  struct Word {
    std::uint64_t head = 0;       ///< the word's first eight bytes
    std::uint64_t head_mask = 0;  ///< covers as many as the word has
    std::uint32_t index = 0;
    bool bound_before = false;  ///< starts with a word character
    bool bound_after = false;
    std::string folded;
  };
  static std::uint64_t load(const char* at) noexcept {
    std::uint64_t out;
    std::memcpy(&out, at, sizeof out);
    return out;
  }
  // A word's slot is computed from its first three bytes.
  static constexpr std::uint32_t slot_count = 4096;
  static std::uint32_t slot_of(std::uint64_t head) noexcept {
    return (static_cast<std::uint32_t>(head) & 0xffffff) * 0x9e3779b1U >> 20;
  }
  [[nodiscard]] static bool fits(const Word& word, std::string_view text, std::size_t at) noexcept;

  std::vector<Word> words_;            // sorted by slot, except for the short ones
  std::vector<std::uint64_t> used_;    // one bit for each slot that has words
  std::vector<std::uint32_t> starts_;  // by slot: the index of its first word; then the end
  std::vector<Word> short_;            // of one or two bytes
  std::array<bool, 256> short_heads_{};
  bool wordy_ = true;  // all words start with an ASCII letter, digit or '_'
};

template <class Found>
void KeywordSet::find(const FoldedText::Part& part, Found found) const {
  const std::string_view text = part.folded;
  for (std::size_t block = 0; block < part.starts.size(); ++block) {
    const WordStarts starts = part.starts[block];
    for (std::uint64_t bits = starts.wordy | (wordy_ ? 0 : starts.other); bits != 0; bits &= bits - 1) {
      const std::size_t at = 64 * block + static_cast<std::size_t>(std::countr_zero(bits));
      const std::uint64_t head = load(text.data() + at);
      const auto stands = [&](const Word& word) {
        return (head & word.head_mask) == word.head && fits(word, text, at);
      };
      if (const std::uint32_t slot = slot_of(head); (used_[slot / 64] >> (slot % 64) & 1) != 0)
        for (std::uint32_t i = starts_[slot]; i < starts_[slot + 1]; ++i)
          if (stands(words_[i]) && !found(words_[i].index)) return;
      if (short_heads_[head & 0xff])
        for (const Word& word : short_)
          if (stands(word) && !found(word.index)) return;
    }
  }
}

}  // namespace triage
