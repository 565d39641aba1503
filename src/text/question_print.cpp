#include "text/question_print.hpp"

#include "base/ascii.hpp"
#include "base/hash.hpp"

#include <algorithm>

namespace triage {
namespace {

constexpr std::size_t end_bytes = 240;  // of each end; XXH3 is slower to begin where there are more
constexpr std::uint32_t fnv_basis = 2'166'136'261U;
constexpr std::uint32_t fnv_prime = 16'777'619U;

// The byte as it counts in a word; 0: it separates words.
constexpr std::array<std::uint8_t, 256> word_bytes = [] {
  std::array<std::uint8_t, 256> out{};
  for (std::size_t c = 0; c < out.size(); ++c) {
    const char byte = static_cast<char>(c);
    if (is_letter(byte) || is_digit(byte) || c >= 0x80) out[c] = static_cast<std::uint8_t>(is_upper(byte) ? c + 32 : c);
  }
  return out;
}();
// Scripts without spaces begin here in UTF-8 (U+3000): each of their characters counts as a word.
constexpr std::uint8_t ideographs = 0xe3;

// FNV-1a ends in its low bits; what is compared are all of them.
std::uint32_t mixed(std::uint32_t hash) noexcept {
  hash ^= hash >> 16;
  hash *= 0x7feb352dU;
  return hash ^ hash >> 15;
}

}  // namespace

QuestionPrint::QuestionPrint(std::string_view text) noexcept {
  if (text.size() > short_bytes_max) {
    *this = of_long(text);
    return;
  }
  std::uint32_t word = fnv_basis;
  bool inside = false;
  const auto end_word = [&] {
    if (inside) add(mixed(word));
    word = fnv_basis;
    inside = false;
  };
  for (const char c : text) {
    const std::uint8_t byte = word_bytes[static_cast<unsigned char>(c)];
    if (byte == 0 || byte >= ideographs) end_word();
    if (byte == 0) continue;
    word = (word ^ byte) * fnv_prime;
    inside = true;
  }
  end_word();
}

QuestionPrint QuestionPrint::of_long(std::string_view raw) noexcept {
  QuestionPrint out;
  const std::string_view end = raw.substr(raw.size() - std::min(raw.size(), end_bytes));
  out.whole_ = hash64(raw.substr(0, end_bytes), hash64(end, raw.size())) | 1;
  return out;
}

// Each word counts once.
void QuestionPrint::add(std::uint32_t word) noexcept {
  whole_ = (whole_ * 31 + word) | 1;
  std::size_t at = count_;
  while (at > 0 && smallest_[at - 1] > word) --at;
  if (at == words_max || (at > 0 && smallest_[at - 1] == word)) return;
  if (count_ < words_max) ++count_;
  for (std::size_t i = count_; --i > at;) smallest_[i] = smallest_[i - 1];
  smallest_[at] = word;
}

bool QuestionPrint::nearly_same(const QuestionPrint& other) const noexcept {
  if (empty() || other.empty()) return false;
  if (whole_ == other.whole_) return true;
  if (count_ == 0 || other.count_ == 0) return false;
  std::size_t mine = 0;
  std::size_t theirs = 0;
  std::size_t shared = 0;
  std::size_t seen = 0;  // of the union's smallest
  for (; seen < words_max && (mine < count_ || theirs < other.count_); ++seen) {
    const bool ours = mine < count_ && (theirs == other.count_ || smallest_[mine] <= other.smallest_[theirs]);
    const bool also = theirs < other.count_ && (mine == count_ || other.smallest_[theirs] <= smallest_[mine]);
    mine += ours;
    theirs += also;
    shared += ours && also;
  }
  return static_cast<double>(shared) >= nearly * static_cast<double>(seen);
}

}  // namespace triage
