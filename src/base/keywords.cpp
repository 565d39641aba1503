// words_ sorted by bytes;  starts_['p'] .. starts_['q']: those that start with 'p';  pairs_: has any "pr.." at all?
#include "base/keywords.hpp"

#include "base/byte_block.hpp"

#include <algorithm>
#include <cstring>

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

// Both bytes of a capital beyond ASCII become those of its small letter.
void fold_two(char* at) noexcept {
  const auto lead = static_cast<unsigned char>(at[0]);
  const auto tail = static_cast<unsigned char>(at[1]);
  const auto set = [&](unsigned first, unsigned second) {
    at[0] = static_cast<char>(first);
    at[1] = static_cast<char>(second);
  };
  if (lead == 0xc3 && tail >= 0x80 && tail <= 0x9e && tail != 0x97) set(0xc3, tail + 0x20U);
  if (lead == 0xce && tail >= 0x91 && tail <= 0x9f) set(0xce, tail + 0x20U);
  if (lead == 0xce && tail >= 0xa0 && tail <= 0xab) set(0xcf, tail - 0x20U);
  if (lead == 0xd0 && tail >= 0x90 && tail <= 0x9f) set(0xd0, tail + 0x20U);
  if (lead == 0xd0 && tail >= 0xa0 && tail <= 0xaf) set(0xd1, tail - 0x20U);
  if (lead == 0xd0 && tail >= 0x80 && tail <= 0x8f) set(0xd1, tail + 0x10U);
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

void fold_case(std::string_view text, std::string& out) {
  out.resize(text.size());
  std::size_t i = 0;
  ByteBlock any{};
  for (; i + sizeof(ByteBlock) <= text.size(); i += sizeof(ByteBlock)) {
    ByteBlock block;
    std::memcpy(&block, text.data() + i, sizeof block);
    any |= block;
    block += reinterpret_cast<ByteBlock>((block >= 'A') & (block <= 'Z')) & 0x20;
    std::memcpy(out.data() + i, &block, sizeof block);
  }
  unsigned rest = 0;
  for (; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    rest |= c;
    out[i] = static_cast<char>(c + (static_cast<unsigned char>(c - 'A') < 26 ? 0x20 : 0));
  }
  if (rest < 0x80 && bits_of(any >= 0x80) == 0) return;
  for (i = 0; i + 1 < out.size(); ++i) {
    const auto lead = static_cast<unsigned char>(out[i]);
    if (lead == 0xc3 || lead == 0xce || lead == 0xd0) fold_two(&out[i]);
  }
}

KeywordSet::KeywordSet(const std::vector<std::string>& words) : pairs_(1024), starts_(257) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].empty()) continue;
    Word& word = words_.emplace_back();
    fold_case(words[i], word.folded);
    word.index = static_cast<std::uint32_t>(i);
    word.pair = pair_at(word.folded, 0);
    word.bound_before = is_word_character(word.folded, 0);
    word.bound_after = is_word_character(word.folded, character_before(word.folded, word.folded.size()));
    wordy_ = wordy_ && is_word_byte(word.folded.front());
  }
  std::sort(words_.begin(), words_.end(), [](const Word& a, const Word& b) { return a.folded < b.folded; });
  for (const Word& word : words_) {
    ++starts_[byte(word.folded, 0) + 1];
    const auto add = [this](std::uint16_t pair) { pairs_[pair >> 6] |= std::uint64_t{1} << (pair & 63); };
    if (word.folded.size() > 1)
      add(pair_at(word.folded, 0));
    else
      for (unsigned second = 0; second < 256; ++second)
        add(static_cast<std::uint16_t>(byte(word.folded, 0) << 8 | second));
  }
  for (std::size_t i = 1; i < starts_.size(); ++i) starts_[i] += starts_[i - 1];
}

bool KeywordSet::fits(const Word& word, std::string_view text, std::size_t at) noexcept {
  if (!text.substr(at).starts_with(word.folded)) return false;
  if (word.bound_before && at > 0 && is_word_character(text, character_before(text, at))) return false;
  const std::size_t end = at + word.folded.size();
  return !(word.bound_after && end < text.size() && is_word_character(text, end));
}

}  // namespace triage
