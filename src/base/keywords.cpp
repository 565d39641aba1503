//   text   "..prove it.."   slot = of "pro"   used_[slot]: is there any such word?
//   entries_[starts_[slot]] .. entries_[starts_[slot + 1]]: the places in words_ of those that are to be compared
#include "base/keywords.hpp"

#include "base/byte_block.hpp"
#include "base/folded_text.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace triage {
namespace {

unsigned byte(std::string_view text, std::size_t at) noexcept {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
}

// Whether the character that starts at `at` belongs to a script that writes words apart.
bool is_word_character(std::string_view text, std::size_t at) noexcept {
  const unsigned lead = byte(text, at);
  if (lead < 0x80) return word_bytes[lead];
  const bool sign = lead == 0xc2 || (lead == 0xc3 && (byte(text, at + 1) == 0x97 || byte(text, at + 1) == 0xb7));
  return !sign && lead >= 0xc3 && lead <= 0xdb;  // Latin beyond ASCII to Arabic
}

std::size_t character_before(std::string_view text, std::size_t at) noexcept {
  do --at;
  while (at > 0 && (byte(text, at) & 0xc0) == 0x80);
  return at;
}

}  // namespace

WordStarts word_starts(std::string_view text, std::size_t at, bool& inside) noexcept {
  char tail[64];
  const char* bytes = text.data() + at;
  if (text.size() - at < sizeof tail) {
    std::memset(tail, ' ', sizeof tail);
    std::memcpy(tail, bytes, text.size() - at);
    bytes = tail;
  }
  std::uint64_t word = 0;
  std::uint64_t white = 0;
  for (unsigned quarter = 0; quarter < 4; ++quarter) {
    ByteBlock block;
    std::memcpy(&block, bytes + 16 * quarter, sizeof block);
    const ByteBlock small = block | 0x20;
    word |= bits_of(((small >= 'a') & (small <= 'z')) | ((block >= '0') & (block <= '9')) | (block == '_'))
            << (16 * quarter);
    white |= bits_of((block <= ' ') | ((block >= 0x80) & (block < 0xc0))) << (16 * quarter);
  }
  WordStarts out;
  out.wordy = word & ~(word << 1 | static_cast<std::uint64_t>(inside));
  out.other = ~(word | white);
  inside = word >> 63 != 0;
  return out;
}

KeywordSet::KeywordSet(const std::vector<std::string>& words) : used_(slot_count / 64), starts_(slot_count + 1) {
  std::vector<std::pair<std::size_t, std::uint32_t>> slots;  // and the places of the words in them
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].empty()) continue;
    const auto place = static_cast<std::uint32_t>(words_.size());
    Word& word = words_.emplace_back();
    word.folded = fold_case(words[i]);
    word.index = static_cast<std::uint32_t>(i);
    word.bound_before = is_word_character(word.folded, 0);
    word.bound_after = is_word_character(word.folded, character_before(word.folded, word.folded.size()));
    wordy_ = wordy_ && is_word_byte(word.folded.front());
    const std::size_t size = std::min<std::size_t>(word.folded.size(), sizeof word.head);
    std::memcpy(&word.head, word.folded.data(), size);
    word.head_mask = ~std::uint64_t{0} >> (8 * (sizeof word.head - size));
    // A short word goes wherever a text that starts with it may be sought.
    const std::size_t relevant = slot_of(word.head_mask);
    for (std::size_t rest = 0; rest < slot_count; rest = ((rest | relevant) + 1) & ~relevant)
      slots.emplace_back(slot_of(word.head) | rest, place);
  }
  std::sort(slots.begin(), slots.end());
  for (const auto& [slot, place] : slots) {
    used_[slot >> 6] |= std::uint64_t{1} << (slot & 63);
    ++starts_[slot + 1];
    entries_.push_back(place);
  }
  std::partial_sum(starts_.begin(), starts_.end(), starts_.begin());
}

// Its first eight bytes are known to.
bool KeywordSet::fits(const Word& word, std::string_view text, std::size_t at) noexcept {
  const std::size_t end = at + word.folded.size();
  if (end > text.size()) return false;
  if (word.folded.size() > sizeof word.head && !text.substr(at).starts_with(word.folded)) return false;
  if (word.bound_before && at > 0 && is_word_character(text, character_before(text, at))) return false;
  return !(word.bound_after && end < text.size() && is_word_character(text, end));
}

}  // namespace triage
