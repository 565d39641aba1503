//   text   "..prove it.."   slot = of "pro"   used_[slot]: is there any such word?
//   words_[starts_[slot]] .. words_[starts_[slot + 1]]: those that are to be compared
#include "text/keywords.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace triage {
namespace {

unsigned byte(std::string_view text, std::size_t at) noexcept {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
}

// Whether the character at `at` belongs to a script that separates words.
bool is_word_character(std::string_view text, std::size_t at) noexcept {
  const unsigned lead = byte(text, at);
  if (lead < 0x80) return word_bytes[lead];
  const unsigned second = byte(text, at + 1);
  const bool arabic_mark = lead == 0xd8 && (second == 0x8c || second == 0x9b || second == 0x9f);  // comma and the like
  const bool sign = lead == 0xc2 || arabic_mark || (lead == 0xc3 && (second == 0x97 || second == 0xb7));
  return !sign && lead >= 0xc3 && lead <= 0xdb;  // Latin beyond ASCII to Arabic
}

std::size_t character_before(std::string_view text, std::size_t at) noexcept {
  do --at;
  while (at > 0 && (byte(text, at) & 0xc0) == 0x80);
  return at;
}

}  // namespace

KeywordSet::KeywordSet(const std::vector<std::string>& words) : used_(slot_count / 64), starts_(slot_count + 1) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].empty()) continue;
    Word word;
    word.folded = fold_case(words[i]);
    word.index = static_cast<std::uint32_t>(i);
    word.bound_before = is_word_character(word.folded, 0);
    word.bound_after = is_word_character(word.folded, character_before(word.folded, word.folded.size()));
    const std::size_t size = std::min<std::size_t>(word.folded.size(), sizeof word.head);
    std::memcpy(&word.head, word.folded.data(), size);
    word.head_mask = ~std::uint64_t{0} >> (8 * (sizeof word.head - size));
    wordy_ = wordy_ && is_word_byte(word.folded.front());
    if (size < 3) {
      short_heads_[byte(word.folded, 0)] = true;
      short_.push_back(std::move(word));
    } else {
      const std::uint32_t slot = slot_of(word.head);
      used_[slot / 64] |= std::uint64_t{1} << (slot % 64);
      ++starts_[slot + 1];
      words_.push_back(std::move(word));
    }
  }
  std::sort(words_.begin(), words_.end(),
            [](const Word& a, const Word& b) { return slot_of(a.head) < slot_of(b.head); });
  std::partial_sum(starts_.begin(), starts_.end(), starts_.begin());
}

// Whether `word` stands at `at`. Its first eight bytes are known to match.
bool KeywordSet::fits(const Word& word, std::string_view text, std::size_t at) noexcept {
  const std::size_t end = at + word.folded.size();
  if (end > text.size()) return false;
  if (word.folded.size() > sizeof word.head && !text.substr(at).starts_with(word.folded)) return false;
  if (word.bound_before && at > 0 && is_word_character(text, character_before(text, at))) return false;
  return !(word.bound_after && end < text.size() && is_word_character(text, end));
}

}  // namespace triage
