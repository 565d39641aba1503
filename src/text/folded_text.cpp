// The letters beyond ASCII that are folded have the lead bytes c3 (Latin-1), ce (Greek) and d0 (Cyrillic), and two
// bytes, both before and after.
#include "text/folded_text.hpp"

#include "base/byte_block.hpp"

#include <algorithm>

namespace triage {
namespace {

constexpr std::size_t block_bytes = 64;

// Both bytes of an upper-case letter beyond ASCII become those of its lower case.
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

// Works in place, and may write one block past `size`. Returns whether all of it is ASCII.
template <class Width>
[[gnu::always_inline]] inline bool fold_blocks(char* text, std::size_t size) noexcept {
  using Block = typename Width::Block;
  const char* const end = text + size;
  Block block;
  Block any{};
  for (char* at = text; at < end; at += sizeof block) {
    std::memcpy(&block, at, sizeof block);
    any |= block;
    block += reinterpret_cast<Block>((block >= 'A') & (block <= 'Z')) & 0x20;
    std::memcpy(at, &block, sizeof block);
  }
  if (Width::bits(any >= 0x80) == 0) return true;
  for (char* at = text; at < end; at += sizeof block) {
    std::memcpy(&block, at, sizeof block);
    for (std::uint64_t leads = Width::bits((block == 0xc3) | (block == 0xce) | (block == 0xd0)); leads != 0;
         leads &= leads - 1)
      if (char* const lead = at + std::countr_zero(leads); lead + 1 < end) fold_two(lead);
  }
  return false;
}

bool fold(char* text, std::size_t size) noexcept {
  return with_widest_blocks([&]<class Width>()
                                __attribute__((always_inline)) { return fold_blocks<Width>(text, size); });
}

// Classifies the 64 bytes at `at`, of which `size` count. `inside` says whether the byte before belongs to a word, and
// is updated for the next call.
template <class Width>
[[gnu::always_inline]] inline WordStarts word_starts(const char* at, std::size_t size, bool& inside) noexcept {
  typename Width::Block block;
  std::uint64_t word = 0;
  std::uint64_t white = 0;
  for (unsigned shift = 0; shift < block_bytes; shift += sizeof block) {
    std::memcpy(&block, at + shift, sizeof block);
    word |= Width::bits((block - 'a' < 26) | (block - '0' < 10) | (block == '_')) << shift;
    white |= Width::bits((block <= ' ') | (block - 0x80 < 0x40)) << shift;  // and continuation bytes of a character
  }
  const std::uint64_t valid = ~std::uint64_t{0} >> (64 - size);
  WordStarts out;
  out.wordy = word & ~(word << 1 | static_cast<std::uint64_t>(inside)) & valid;
  out.other = ~(word | white) & valid;
  inside = word >> 63 != 0;
  return out;
}

// One for each 64 bytes; as many must be readable past the end.
template <class Width>
[[gnu::always_inline]] inline void find_word_starts(std::string_view folded, WordStarts* out) noexcept {
  bool inside = false;
  for (std::size_t at = 0; at < folded.size(); at += block_bytes)
    *out++ = word_starts<Width>(folded.data() + at, std::min(folded.size() - at, block_bytes), inside);
}

}  // namespace

std::string fold_case(std::string_view text) {
  std::string out(text);
  out.append(widest_block, '\0');
  fold(out.data(), text.size());
  out.resize(text.size());
  return out;
}

std::string normalised(std::string_view text) {
  std::string out;
  for (const char c : fold_case(text)) {
    const bool blank = c == ' ' || (c >= '\t' && c <= '\r');
    if (!blank)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

FoldedText::Part FoldedText::Part::first(std::size_t size) const noexcept {
  const std::size_t kept = std::min(size, folded.size());
  return {text.substr(0, kept), folded.substr(0, kept), starts.first((kept + block_bytes - 1) / block_bytes), ascii};
}

FoldedText::FoldedText(std::string_view text, std::size_t bytes_max) {
  parts_[0].text = text;
  if (text.size() > bytes_max) {
    count_ = 2;
    parts_[0].text = text.substr(0, bytes_max / 2);
    parts_[1].text = text.substr(text.size() - bytes_max / 2);
  }
  const std::size_t size = std::min(text.size(), bytes_max);
  folded_.reserve(size + block_bytes);
  for (std::size_t i = 0; i < count_; ++i) folded_ += parts_[i].text;
  folded_.append(block_bytes, ' ');
  const bool ascii = fold(folded_.data(), size);
  starts_.resize(size / block_bytes + 2);
  const char* from = folded_.data();
  WordStarts* starts = starts_.data();
  for (std::size_t i = 0; i < count_; ++i) {
    Part& part = parts_[i];
    part.folded = {from, part.text.size()};
    part.ascii = ascii;
    part.starts = {starts, (part.folded.size() + block_bytes - 1) / block_bytes};
    with_widest_blocks([&]<class Width>()
                           __attribute__((always_inline)) { find_word_starts<Width>(part.folded, starts); });
    starts += part.starts.size();
    from += part.folded.size();
  }
}

}  // namespace triage
