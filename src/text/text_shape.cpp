// Each block of 64 bytes becomes one bit mask per class of bytes; starts of runs and the like are shifts and ands:
//
//   text      I  s  a  w     4  2
//   letter    1  .  1  1  .  .  .      word starts = letter & ~(letter << 1)
//   (the shifts carry over from the block before)
//
// o200k splits a text into words together with the space or punctuation before them, groups of up to three digits, runs
// of punctuation and runs of white space, and then each of these into one or more tokens; long, rare and mixed-case
// words into more. The estimate is linear in the counts of such pieces. docs/routing.md says how the weights were
// found.
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
constexpr std::uint64_t dense_least = 60;  // letters of a block that has hardly room for spaces between words

// Tokens per character, besides what its word costs, and per word that starts with one; in the order of Letters.
struct Weight {
  double character;
  double word;
};
constexpr Weight weights_beyond_ascii[letters_count] = {
    {0.942, 0.331},  {0.942, 0.337},  {-0.73, 0},      {0.113, 0.284},  {0.04, 0.302},   {0.626, 0.003},
    {0.429, -2.062}, {0.26, -0.382},  {0.256, -0.804}, {0.329, -1.107}, {0.316, -0.787}, {0.329, -0.145},
    {0.277, -0.586}, {0.9, 0},        {0.483, -2.374}, {0.654, -2.635}, {0.411, -1.159}, {0.315, -0.895},
    {0.804, -2.312}, {0.421, -0.898}, {1.845, -0.278}, {1.5, 0},        {0.6, -2.04},    {0.346, -1.519},
    {1.991, -0.269}, {0.598, -0.313}, {0.7, -1.511},   {0.78, -1.526},  {0.076, 0.694},  {1.225, 0.298},
    {0.1, 0.312},    {0.237, 0},      {1.95, -1.854},  {2.9, 0},        {4, 0},          {0.5, 0}};

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
  Bits pair = 0;  ///< a letter after a letter
  Bits four = 0;  ///< a letter after three letters
  Bits blanks = 0;
  Bits groups = 0;  ///< the first of up to three digits that o200k takes together
};

// `at` must be preceded by a readable byte.
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

// Bit i becomes what was `by` positions before i.
Bits behind(Bits now, Bits before, unsigned by) noexcept {
  return now << by | before >> (64 - by);
}

[[gnu::always_inline]] inline std::uint64_t count(Bits bits) noexcept {
  return static_cast<std::uint64_t>(std::popcount(bits));
}

Letters block_of_indic(unsigned second) noexcept {
  constexpr Letters blocks[] = {Letters::other,    Letters::other,    Letters::devanagari, Letters::bengali,
                                Letters::gurmukhi, Letters::gujarati, Letters::oriya,      Letters::tamil,
                                Letters::telugu,   Letters::kannada,  Letters::malayalam,  Letters::sinhala,
                                Letters::thai,     Letters::lao,      Letters::tibetan,    Letters::tibetan};
  return blocks[(second & 0x1f) >> 1];
}

// U+1000..1FFF.
Letters block_of_burmese_on(unsigned second, unsigned third) noexcept {
  if (second < 0x82 || (second == 0x82 && third < 0xa0)) return Letters::burmese;
  if (second <= 0x83) return Letters::georgian;
  if (second <= 0x87) return Letters::hangul;
  if (second <= 0x8e) return Letters::ethiopic;
  if (second == 0x9e || second == 0x9f) return Letters::khmer;
  if (second < 0xb8) return Letters::other;
  return second < 0xbc ? Letters::vietnamese : Letters::greek;
}

Letters block_of_three(unsigned lead, unsigned second, unsigned third) noexcept {
  switch (lead) {
    case 0xe0: return block_of_indic(second);
    case 0xe1: return block_of_burmese_on(second, third);
    case 0xe2: return second == 0x80 && third == 0x8d ? Letters::emoji : Letters::symbols;
    case 0xe3:
      if (second == 0x80) return Letters::wide_marks;
      return second <= 0x83 ? Letters::kana : Letters::han;
    case 0xea: return second >= 0xb0 ? Letters::hangul : Letters::other;
    case 0xeb:
    case 0xec:
    case 0xed: return Letters::hangul;
    case 0xef:
      if (second == 0xb8) return Letters::emoji;
      return second >= 0xbc ? Letters::wide_marks : Letters::other;
    default: return lead >= 0xe4 && lead <= 0xe9 ? Letters::han : Letters::other;
  }
}

Letters block_of_cyrillic(unsigned lead, unsigned second) noexcept {
  const bool russian = (lead == 0xd0 && second >= 0x90) || (lead == 0xd1 && second <= 0x91);
  return russian ? Letters::cyrillic : Letters::cyrillic_more;
}

Letters block_of_four(unsigned lead, unsigned second, unsigned third) noexcept {
  if (lead != 0xf0) return Letters::beyond;
  if (second == 0x9d && third >= 0x90 && third <= 0x9f) return Letters::mathematical;
  return second == 0x9f ? Letters::emoji : Letters::beyond;
}

Letters block_of(unsigned lead, unsigned second, unsigned third) noexcept {
  if (lead >= 0xf0) return block_of_four(lead, second, third);
  if (lead >= 0xe0) return block_of_three(lead, second, third);
  if (lead == 0xc2) return Letters::symbols;
  if (lead <= 0xcb) return lead == 0xc3 ? Letters::latin : Letters::latin_more;
  if (lead == 0xcc || (lead == 0xcd && second < 0xb0)) return Letters::accents;
  if (lead <= 0xcf) return Letters::greek;
  if (lead <= 0xd3) return block_of_cyrillic(lead, second);
  if (lead <= 0xd5 || (lead == 0xd6 && second < 0x90)) return Letters::armenian;
  if (lead <= 0xd7) return Letters::hebrew;
  return lead <= 0xdb ? Letters::arabic : Letters::other;
}

// `text` is the whole text; [begin, begin + 64) is the block of `high`. `starts` are its bits that start words.
void count_high(std::string_view text, std::size_t begin, Bits high, Bits starts, TextShape& shape) noexcept {
  const auto byte = [text](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U; };
  for (; high != 0; high &= high - 1) {
    const auto place = static_cast<std::size_t>(std::countr_zero(high));
    const std::size_t at = begin + place;
    if (byte(at) < 0xc0) continue;
    const auto block = static_cast<std::size_t>(block_of(byte(at), byte(at + 1), byte(at + 2)));
    ++shape.beyond_ascii[block];
    shape.starts_beyond_ascii[block] += starts >> place & 1;
  }
}

template <class Width, std::size_t step>
[[gnu::always_inline]] inline std::uint64_t count_jkz(std::string_view text, std::size_t& bytes) noexcept {
  constexpr std::size_t looked_at = 32;  // consecutive bytes, however wide the blocks are, so that all machines agree
  typename Width::Block block;
  static_assert(looked_at % sizeof block == 0);
  std::uint64_t found = 0;
  std::size_t at = 0;
  for (; at + looked_at <= text.size(); at += step * looked_at)
    for (std::size_t place = at; place < at + looked_at; place += sizeof block) {
      std::memcpy(&block, text.data() + place, sizeof block);
      block |= 0x20;
      found += count(Width::bits((block - 'j' < 2) | (block == 'z')));
    }
  bytes = at / step;
  return found;
}

// Counts letters that are rare in English and code, and frequent in many other languages written in ASCII, to show that
// a text in those costs more. If one block of eight has many, or the text has `high` bytes beyond ASCII, all of it is
// counted.
template <class Width>
[[gnu::always_inline]] inline void sample(std::string_view text, std::size_t high, TextShape& shape) noexcept {
  std::size_t bytes = 0;
  std::uint64_t found = count_jkz<Width, 8>(text, bytes);
  if (found * 90 > bytes || high * 50 > text.size()) found = count_jkz<Width, 1>(text, bytes);
  shape.sampled += bytes;
  shape.sampled_jkz += found;
}

// A run of digits is cut into threes from its start: "1234567" is "123", "456", "7".
[[gnu::always_inline]] inline void add_digits(Masks& now, const Masks& before, TextShape& shape) noexcept {
  const Bits after_digit = behind(now.digit, before.digit, 1);
  const Bits starts = now.digit & ~after_digit;
  const Bits fourth = now.digit & after_digit & behind(now.digit, before.digit, 2) & behind(now.digit, before.digit, 3);
  now.groups = starts;
  for (Bits more = behind(starts, before.groups, 3) & fourth; more != 0; more = more << 3 & fourth) now.groups |= more;
  shape.digits += count(now.digit);
  shape.numbers += count(starts);
  shape.numbers_spaced += count(starts & behind(now.blank, before.blank, 1));
  shape.digit_groups += count(now.groups);
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
  const Bits small_before = behind(now.letter & ~now.capital, before.letter & ~before.capital, 1);

  const std::uint64_t letters = count(now.letter);
  shape.letters += letters;
  shape.letters_dense += letters >= dense_least ? letters : 0;
  shape.words += count(word_starts);
  shape.words_tied += count(word_starts & ~behind(white, white_before, 1));
  shape.letters_5 += count(five);
  shape.letters_9 += count(nine);
  shape.humps += count(now.capital & small_before);
  shape.capitals += count(now.capital & behind(now.capital, before.capital, 1));
  if (now.digit != 0) add_digits(now, before, shape);
  shape.marks += count(now.mark);
  shape.mark_runs += count(now.mark & ~behind(now.mark, before.mark, 1));
  shape.marks_repeated += count(now.mark & now.repeated);
  shape.indents += count(now.blanks & ~behind(now.blanks, before.blanks, 1));
  shape.line_breaks += count(now.line & ~behind(now.line, before.line, 1));
}

template <class Width>
[[gnu::always_inline]] inline void count_blocks(std::string_view text, TextShape& shape) noexcept {
  shape.bytes += text.size();
  std::size_t high = 0;
  Masks before;
  before.blank = Bits{1} << 63;  // a text starts like a word after a space
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
    if (now.high != 0) {
      count_high(text, at, now.high, now.word & ~behind(now.word, before.word, 1), shape);
      high += count(now.high);
    }
    before = now;
  }
  sample<Width>(text, high, shape);
}

}  // namespace

void count_text(std::string_view text, TextShape& shape) noexcept {
  with_widest_blocks([&]<class Width>() __attribute__((always_inline)) { count_blocks<Width>(text, shape); });
}

TextShape& TextShape::operator+=(const TextShape& more) noexcept {
  for (const auto member :
       {&TextShape::bytes,        &TextShape::letters,     &TextShape::words,         &TextShape::words_tied,
        &TextShape::letters_5,    &TextShape::letters_9,   &TextShape::letters_dense, &TextShape::humps,
        &TextShape::capitals,     &TextShape::digits,      &TextShape::numbers,       &TextShape::numbers_spaced,
        &TextShape::digit_groups, &TextShape::marks,       &TextShape::mark_runs,     &TextShape::marks_repeated,
        &TextShape::indents,      &TextShape::line_breaks, &TextShape::sampled,       &TextShape::sampled_jkz})
    this->*member += more.*member;
  for (std::size_t i = 0; i < letters_count; ++i) {
    beyond_ascii[i] += more.beyond_ascii[i];
    starts_beyond_ascii[i] += more.starts_beyond_ascii[i];
  }
  return *this;
}

std::uint64_t TextShape::of_other_scripts() const noexcept {
  std::uint64_t out = of(Letters::other) + of(Letters::armenian);
  for (auto block = static_cast<std::size_t>(Letters::bengali); block <= static_cast<std::size_t>(Letters::khmer);
       ++block)
    if (block != static_cast<std::size_t>(Letters::thai)) out += beyond_ascii[block];
  return out;
}

namespace {

double times(std::uint64_t count_of_it, double weight) noexcept {
  return static_cast<double>(count_of_it) * weight;
}

double tokens_of_ascii(const TextShape& shape) noexcept {
  return times(shape.letters, -0.0936) + times(shape.words, 1.2806) + times(shape.words_tied, -0.1229) +
         times(shape.letters_5, 0.1754) + times(shape.letters_9, 0.0909) + times(shape.letters_dense, 0.28) +
         times(shape.humps, 0.2511) + times(shape.capitals, 0.0191) + times(shape.digit_groups, 1) +
         times(shape.numbers, 0.34) + times(shape.numbers_spaced, 0.79) + times(shape.marks, 0.4455) +
         times(shape.mark_runs, 0.2358) + times(shape.marks_repeated, -0.4718) + times(shape.indents, 0.948) +
         times(shape.line_breaks, 0.6111);
}

double tokens_beyond_ascii(const TextShape& shape) noexcept {
  double out = 0;
  for (std::size_t i = 0; i < letters_count; ++i) {
    const std::uint64_t starts = shape.starts_beyond_ascii[i];
    const double tokens =
        times(shape.beyond_ascii[i], weights_beyond_ascii[i].character) + times(starts, weights_beyond_ascii[i].word);
    // No word costs less than 0.8. Vietnamese letters make the others around them cheaper.
    out += i == static_cast<std::size_t>(Letters::vietnamese) ? tokens : std::max(tokens, times(starts, -0.48));
  }
  return out;
}

// Extra tokens for what is unlike English and code, by how far the text exceeds them.
double tokens_of_other_kinds(const TextShape& shape) noexcept {
  const auto beyond = [](std::uint64_t count_of_it, double usual) {
    return std::max(0.0, static_cast<double>(count_of_it) - usual);
  };
  // J, K and Z make up 1 % of the letters, and more in a short text by chance.
  const double letters =
      shape.bytes == 0 ? 0
                       : times(shape.sampled, static_cast<double>(shape.letters)) / static_cast<double>(shape.bytes);
  const double share = letters < 1 ? 0 : beyond(shape.sampled_jkz, 0.5 + 0.012 * letters) / letters;
  const double base64 = beyond(shape.humps, 0.08 * static_cast<double>(shape.letters + shape.digits));
  const double minified = beyond(shape.words_tied, 0.75 * static_cast<double>(shape.words));
  return 1.335 * share * static_cast<double>(shape.letters) + 1.93 * base64 - 1.202 * minified;
}

}  // namespace

std::int64_t estimate_tokens(const TextShape& shape) noexcept {
  constexpr double most_a_byte = 1.3;  // "é1é1" has 1.29
  const double tokens = tokens_of_ascii(shape) + tokens_beyond_ascii(shape) + tokens_of_other_kinds(shape);
  const auto rounded = static_cast<std::int64_t>(std::min(tokens, times(shape.bytes, most_a_byte)) + 0.5);
  return shape.bytes == 0 ? 0 : std::max<std::int64_t>(rounded, 1);
}

namespace {

// Counts only what script_of() needs.
template <class Width>
[[gnu::always_inline]] inline void count_letters(std::string_view text, TextShape& shape) noexcept {
  typename Width::Block block;
  for (std::size_t at = 0; at < text.size(); at += sizeof block) {
    std::memcpy(&block, text.data() + at, sizeof block);
    const std::size_t behind = block_bytes - std::min(text.size() - at, sizeof block);
    const Bits valid = ~Bits{0} >> behind;
    shape.letters += count(Width::bits((block | 0x20) - 'a' < 26) & valid);
    if (const Bits high = Width::bits(block >= 0x80) & valid; high != 0) count_high(text, at, high, 0, shape);
  }
}

Script script_of(const TextShape& shape) noexcept {
  struct Share {
    Script script;
    std::uint64_t letters;
  };
  // A Han or hangul character carries as much as several letters.
  const std::uint64_t kana = shape.of(Letters::kana);
  const std::uint64_t han = shape.of(Letters::han);
  const bool japanese = kana * 10 >= kana + han && kana > 0;
  const Share shares[] = {{Script::latin, shape.letters + shape.of(Letters::latin) + shape.of(Letters::latin_more) +
                                              shape.of(Letters::vietnamese)},
                          {Script::greek, shape.of(Letters::greek)},
                          {Script::cyrillic, shape.of(Letters::cyrillic) + shape.of(Letters::cyrillic_more)},
                          {Script::hebrew, shape.of(Letters::hebrew)},
                          {Script::arabic, shape.of(Letters::arabic)},
                          {Script::devanagari, shape.of(Letters::devanagari)},
                          {Script::thai, shape.of(Letters::thai)},
                          {japanese ? Script::kana : Script::cjk, 2 * (kana + han)},
                          {Script::hangul, 2 * shape.of(Letters::hangul)},
                          {Script::other, shape.of_other_scripts()}};
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
