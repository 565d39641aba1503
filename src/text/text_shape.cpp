// Each block of 64 bytes becomes one bit mask per class of bytes; starts of runs and the like are shifts and ands:
//
//   text      I  s  a  w     4  2
//   letter    1  .  1  1  .  .  .      word starts = letter & ~(letter << 1)
//   (the shifts carry over from the block before)
//
// o200k splits a text into words with the blank or mark before them, groups of up to three digits, runs of marks and
// runs of white space, and then each of these into one or more tokens; long, rare and mixed-case words into more. The
// estimate is linear in the counts of such pieces. docs/routing.md says how the weights were found.
#include "text/text_shape.hpp"

#include "base/byte_block.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>

namespace triage {
namespace {

using Bits = std::uint64_t;
constexpr std::size_t block_bytes = 64;

// Tokens per character, over what its word costs; in the order of Letters.
constexpr double weights_beyond_ascii[letters_count] = {1.332, 0.12,   0.0753, 0.07, 0.07, 0.01, 0.28,
                                                        0.56,  0.7065, 0.2923, 1.37, 0.6,  0.9,  0.5};

struct Masks {
  Bits letter = 0;  ///< ASCII
  Bits capital = 0;
  Bits digit = 0;
  Bits blank = 0;
  Bits line = 0;  ///< tab, LF, CR
  Bits high = 0;
  Bits repeated = 0;
  // derived
  Bits word = 0;
  Bits mark = 0;
  Bits pair = 0;  ///< a letter behind a letter
  Bits four = 0;  ///< a letter behind three
  Bits blanks = 0;
};

// `at` has a readable byte in front of it.
template <class Width>
[[gnu::always_inline]] inline Masks classify(const char* at) noexcept {
  using Block = typename Width::Block;
  Masks out;
#pragma GCC unroll 4
  for (unsigned shift = 0; shift < block_bytes; shift += sizeof(Block)) {
    Block block;
    Block shifted;
    std::memcpy(&block, at + shift, sizeof block);
    std::memcpy(&shifted, at + shift - 1, sizeof shifted);
    out.letter |= Width::bits((block | 0x20) - 'a' < 26) << shift;
    out.capital |= Width::bits(block - 'A' < 26) << shift;
    out.digit |= Width::bits(block - '0' < 10) << shift;
    out.blank |= Width::bits(block == ' ') << shift;
    out.line |= Width::bits((block == '\n') | (block == '\r') | (block == '\t')) << shift;
    out.high |= Width::bits(block >= 0x80) << shift;
    out.repeated |= Width::bits(block == shifted) << shift;
  }
  return out;
}

// Bit i becomes what stood `by` places before i.
Bits behind(Bits now, Bits before, unsigned by) noexcept {
  return now << by | before >> (64 - by);
}

[[gnu::always_inline]] inline std::uint64_t count(Bits bits) noexcept {
  return static_cast<std::uint64_t>(std::popcount(bits));
}

Letters block_of_three(unsigned lead, unsigned second) noexcept {
  switch (lead) {
    case 0xe0:
      if (second == 0xa4 || second == 0xa5) return Letters::devanagari;
      return second == 0xb8 || second == 0xb9 ? Letters::thai : Letters::other;
    case 0xe2: return Letters::symbols;
    case 0xe3:
      if (second == 0x80) return Letters::wide_marks;
      return second <= 0x83 ? Letters::kana : Letters::han;
    case 0xea: return second >= 0xb0 ? Letters::hangul : Letters::other;
    case 0xeb:
    case 0xec:
    case 0xed: return Letters::hangul;
    case 0xef: return second >= 0xbc ? Letters::wide_marks : Letters::other;
    default: return lead >= 0xe4 && lead <= 0xe9 ? Letters::han : Letters::other;
  }
}

Letters block_of(unsigned lead, unsigned second) noexcept {
  if (lead >= 0xf0) return Letters::beyond;
  if (lead >= 0xe0) return block_of_three(lead, second);
  if (lead <= 0xcb) return Letters::latin;
  if (lead == 0xce || lead == 0xcf) return Letters::greek;
  if (lead >= 0xd0 && lead <= 0xd3) return Letters::cyrillic;
  if (lead == 0xd6 || lead == 0xd7) return Letters::hebrew;
  return lead >= 0xd8 && lead <= 0xdb ? Letters::arabic : Letters::other;
}

// `text` is the whole; [begin, begin + 64) the block of `high`.
void count_high(std::string_view text, std::size_t begin, Bits high, TextShape& shape) noexcept {
  for (; high != 0; high &= high - 1) {
    const std::size_t at = begin + static_cast<std::size_t>(std::countr_zero(high));
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead < 0xc0) continue;
    const auto second = at + 1 < text.size() ? static_cast<unsigned char>(text[at + 1]) : 0U;
    ++shape.beyond_ascii[static_cast<std::size_t>(block_of(lead, second))];
  }
}

[[gnu::always_inline]] inline void add(Masks& now, const Masks& before, Bits valid, TextShape& shape) noexcept {
  now.word = now.letter | now.high;
  now.mark = ~(now.word | now.digit | now.blank | now.line) & valid;
  const Bits white = now.blank | now.line;
  const Bits white_before = before.blank | before.line;
  const Bits word_starts = now.word & ~behind(now.word, before.word, 1);
  now.pair = now.letter & behind(now.letter, before.letter, 1);
  now.four = now.pair & behind(now.pair, before.pair, 2);
  const Bits five = now.four & behind(now.letter, before.letter, 4);
  const Bits nine = five & behind(now.four, before.four, 1) & behind(now.four, before.four, 5);
  now.blanks = now.blank & behind(now.blank, before.blank, 1);
  const Bits number_starts = now.digit & ~behind(now.digit, before.digit, 1);
  const Bits small_before = behind(now.letter & ~now.capital, before.letter & ~before.capital, 1);

  shape.letters += count(now.letter);
  shape.words += count(word_starts);
  shape.words_tied += count(word_starts & ~behind(white, white_before, 1));
  shape.letters_5 += count(five);
  shape.letters_9 += count(nine);
  shape.humps += count(now.capital & small_before);
  shape.capitals += count(now.capital & behind(now.capital, before.capital, 1));
  shape.digits += count(now.digit);
  shape.numbers += count(number_starts);
  shape.numbers_spaced += count(number_starts & behind(now.blank, before.blank, 1));
  shape.marks += count(now.mark);
  shape.mark_runs += count(now.mark & ~behind(now.mark, before.mark, 1));
  shape.marks_repeated += count(now.mark & now.repeated);
  shape.indents += count(now.blanks & ~behind(now.blanks, before.blanks, 1));
  shape.line_breaks += count(now.line & ~behind(now.line, before.line, 1));
}

template <class Width>
[[gnu::always_inline]] inline void count_blocks(std::string_view text, TextShape& shape) noexcept {
  shape.bytes += text.size();
  Masks before;
  before.blank = Bits{1} << 63;  // a text starts like a word behind a blank
  for (std::size_t at = 0; at < text.size(); at += block_bytes) {
    const std::size_t size = std::min(text.size() - at, block_bytes);
    const char* bytes = text.data() + at;
    char copy[1 + block_bytes];
    if (at == 0 || size < block_bytes) {
      std::memset(copy, 0, sizeof copy);
      std::memcpy(copy + 1, bytes, size);
      if (at > 0) copy[0] = bytes[-1];
      bytes = copy + 1;
    }
    Masks now = classify<Width>(bytes);
    add(now, before, ~Bits{0} >> (block_bytes - size), shape);
    if (now.high != 0) count_high(text, at, now.high, shape);
    before = now;
  }
}

}  // namespace

void count_text(std::string_view text, TextShape& shape) noexcept {
  with_widest_blocks([&]<class Width>() __attribute__((always_inline)) { count_blocks<Width>(text, shape); });
}

TextShape& TextShape::operator+=(const TextShape& more) noexcept {
  for (const auto member :
       {&TextShape::bytes, &TextShape::letters, &TextShape::words, &TextShape::words_tied, &TextShape::letters_5,
        &TextShape::letters_9, &TextShape::humps, &TextShape::capitals, &TextShape::digits, &TextShape::numbers,
        &TextShape::numbers_spaced, &TextShape::marks, &TextShape::mark_runs, &TextShape::marks_repeated,
        &TextShape::indents, &TextShape::line_breaks})
    this->*member += more.*member;
  for (std::size_t i = 0; i < letters_count; ++i) beyond_ascii[i] += more.beyond_ascii[i];
  return *this;
}

std::int64_t estimate_tokens(const TextShape& shape) noexcept {
  const auto of = [](std::uint64_t count_of_it, double weight) { return static_cast<double>(count_of_it) * weight; };
  double tokens = of(shape.letters, -0.0936) + of(shape.words, 1.2806) + of(shape.words_tied, -0.1229) +
                  of(shape.letters_5, 0.1754) + of(shape.letters_9, 0.0909) + of(shape.humps, 0.2511) +
                  of(shape.capitals, 0.0191) + of(shape.digits, 0.144) + of(shape.numbers, 1.2307) +
                  of(shape.numbers_spaced, 0.7658) + of(shape.marks, 0.4455) + of(shape.mark_runs, 0.2358) +
                  of(shape.marks_repeated, -0.4718) + of(shape.indents, 0.948) + of(shape.line_breaks, 0.6111);
  for (std::size_t i = 0; i < letters_count; ++i) tokens += of(shape.beyond_ascii[i], weights_beyond_ascii[i]);
  const auto rounded = static_cast<std::int64_t>(tokens + 0.5);
  return shape.bytes == 0 ? 0 : std::max<std::int64_t>(rounded, 1);
}

namespace {

// No more than script_of() needs.
template <class Width>
[[gnu::always_inline]] inline void count_letters(std::string_view text, TextShape& shape) noexcept {
  typename Width::Block block;
  for (std::size_t at = 0; at < text.size(); at += sizeof block) {
    std::memcpy(&block, text.data() + at, sizeof block);
    const std::size_t behind = block_bytes - std::min(text.size() - at, sizeof block);
    const Bits valid = ~Bits{0} >> behind;
    shape.letters += count(Width::bits((block | 0x20) - 'a' < 26) & valid);
    if (const Bits high = Width::bits(block >= 0x80) & valid; high != 0) count_high(text, at, high, shape);
  }
}

Script script_of(const TextShape& shape) noexcept {
  struct Share {
    Script script;
    std::uint64_t letters;
  };
  // A Han or hangul character says as much as several letters.
  const std::uint64_t kana = shape.of(Letters::kana);
  const std::uint64_t han = shape.of(Letters::han);
  const bool japanese = kana * 10 >= kana + han && kana > 0;
  const Share shares[] = {{Script::latin, shape.letters + shape.of(Letters::latin)},
                          {Script::greek, shape.of(Letters::greek)},
                          {Script::cyrillic, shape.of(Letters::cyrillic)},
                          {Script::hebrew, shape.of(Letters::hebrew)},
                          {Script::arabic, shape.of(Letters::arabic)},
                          {Script::devanagari, shape.of(Letters::devanagari)},
                          {Script::thai, shape.of(Letters::thai)},
                          {japanese ? Script::kana : Script::cjk, 2 * (kana + han)},
                          {Script::hangul, 2 * shape.of(Letters::hangul)},
                          {Script::other, shape.of(Letters::other)}};
  const auto most = std::max_element(std::begin(shares), std::end(shares),
                                     [](const Share& a, const Share& b) { return a.letters < b.letters; });
  return most->letters == 0 ? Script::none : most->script;
}

}  // namespace

Script script_of(std::string_view text) noexcept {
  TextShape shape;
  with_widest_blocks([&]<class Width>() __attribute__((always_inline)) { count_letters<Width>(text, shape); });
  return script_of(shape);
}

}  // namespace triage
