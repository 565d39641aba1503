#include "similarity/codes.hpp"

#include "base/byte_block.hpp"

#include <algorithm>

namespace triage::similarity {
namespace {

/// So many units fit a sum of 16 bits: each adds at most 4 * 15 * 127 to it.
constexpr std::size_t units_of_a_sum = 4;

#if defined(__x86_64__) && !defined(TRIAGE_NARROW_BLOCKS)
#define TRIAGE_AVX2 [[gnu::target("avx2")]]
#define TRIAGE_AVX512 [[gnu::target("avx2,avx512f,avx512bw,avx512vnni")]]

TRIAGE_AVX2 inline __m256i load(const void* at) noexcept {
  return _mm256_loadu_si256(static_cast<const __m256i*>(at));
}

/// How far ahead of their use the codes are fetched: the processor does so by itself only up to the end of a page.
constexpr std::size_t fetched_ahead = 4096;

inline void fetch_line(const std::uint8_t* const (&rows)[4], std::size_t at) noexcept {
  for (const std::uint8_t* const row : rows) __builtin_prefetch(row + at + fetched_ahead);
}

/// Adds the products of one unit to sixteen sums.
TRIAGE_AVX2 inline __m256i add_unit(__m256i sums, const std::uint8_t* codes, __m256i first, __m256i second) noexcept {
  const __m256i low = _mm256_set1_epi8(15);
  const __m256i both = load(codes);
  const __m256i high = _mm256_and_si256(_mm256_srli_epi16(both, 4), low);
  return _mm256_add_epi16(sums, _mm256_add_epi16(_mm256_maddubs_epi16(_mm256_and_si256(both, low), first),
                                                 _mm256_maddubs_epi16(high, second)));
}

TRIAGE_AVX2 inline __m256i widened(__m256i totals, __m256i sums) noexcept {
  return _mm256_add_epi32(totals, _mm256_madd_epi16(sums, _mm256_set1_epi16(1)));
}

TRIAGE_AVX2 inline __m128i totals_of(__m256i a, __m256i b, __m256i c, __m256i d) noexcept {
  const __m256i halves = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
  return _mm_add_epi32(_mm256_castsi256_si128(halves), _mm256_extracti128_si256(halves, 1));
}

using FourRows = const std::uint8_t* const (&)[4];

/// Four rows, so that each number is loaded once for all of them.
TRIAGE_AVX2 __m128i four_dots_avx2(FourRows rows, const CodeNumbers& numbers) noexcept {
  const std::size_t units = numbers.units();
  __m256i a = _mm256_setzero_si256();
  __m256i b = a;
  __m256i c = a;
  __m256i d = a;
  for (std::size_t at = 0; at < units * unit_bytes;) {
    __m256i sums_a = _mm256_setzero_si256();
    __m256i sums_b = sums_a;
    __m256i sums_c = sums_a;
    __m256i sums_d = sums_a;
    const std::size_t end = std::min(at + units_of_a_sum * unit_bytes, units * unit_bytes);
    fetch_line(rows, at);
    fetch_line(rows, at + 2 * unit_bytes);
    for (; at < end; at += unit_bytes) {
      const __m256i first = load(numbers.low() + at);
      const __m256i second = load(numbers.high() + at);
      sums_a = add_unit(sums_a, rows[0] + at, first, second);
      sums_b = add_unit(sums_b, rows[1] + at, first, second);
      sums_c = add_unit(sums_c, rows[2] + at, first, second);
      sums_d = add_unit(sums_d, rows[3] + at, first, second);
    }
    a = widened(a, sums_a);
    b = widened(b, sums_b);
    c = widened(c, sums_c);
    d = widened(d, sums_d);
  }
  return totals_of(a, b, c, d);
}

/// Adds the products of two units, or of the last one, to sixteen totals.
TRIAGE_AVX512 inline __m512i add_units(__m512i totals, __mmask8 present, const std::uint8_t* codes, __m512i first,
                                       __m512i second) noexcept {
  const __m512i low = _mm512_set1_epi8(15);
  const __m512i both = _mm512_maskz_loadu_epi64(present, codes);
  const __m512i high = _mm512_and_si512(_mm512_srli_epi16(both, 4), low);
  return _mm512_dpbusd_epi32(_mm512_dpbusd_epi32(totals, _mm512_and_si512(both, low), first), high, second);
}

// Not by _mm512_extracti64x4_epi64, of which g++ 12 warns (GCC bug 105593).
TRIAGE_AVX512 inline __m256i folded(__m512i totals) noexcept {
  using Totals = std::int32_t __attribute__((vector_size(64)));
  const auto all = reinterpret_cast<Totals>(totals);
  return reinterpret_cast<__m256i>(__builtin_shufflevector(all, all, 0, 1, 2, 3, 4, 5, 6, 7) +
                                   __builtin_shufflevector(all, all, 8, 9, 10, 11, 12, 13, 14, 15));
}

TRIAGE_AVX512 __m128i four_dots_avx512(FourRows rows, const CodeNumbers& numbers) noexcept {
  const std::size_t bytes = numbers.units() * unit_bytes;
  __m512i a = _mm512_setzero_si512();
  __m512i b = a;
  __m512i c = a;
  __m512i d = a;
  for (std::size_t at = 0; at < bytes; at += 2 * unit_bytes) {
    fetch_line(rows, at);
    const __mmask8 present = at + unit_bytes < bytes ? 0xff : 0x0f;
    const __m512i first = _mm512_loadu_si512(numbers.low() + at);
    const __m512i second = _mm512_loadu_si512(numbers.high() + at);
    a = add_units(a, present, rows[0] + at, first, second);
    b = add_units(b, present, rows[1] + at, first, second);
    c = add_units(c, present, rows[2] + at, first, second);
    d = add_units(d, present, rows[3] + at, first, second);
  }
  return totals_of(folded(a), folded(b), folded(c), folded(d));
}

/// The rows in fours; of the last ones, the very last stands in for those that are missing.
template <class FourDots>
void dots_by_four(std::span<const std::uint8_t* const> rows, std::int32_t* out, FourDots four_dots) noexcept {
  for (std::size_t row = 0; row < rows.size(); row += 4) {
    const std::size_t count = std::min<std::size_t>(rows.size() - row, 4);
    const auto at = [&](std::size_t i) { return rows[row + std::min(i, count - 1)]; };
    std::int32_t dots[4];
    _mm_storeu_si128(reinterpret_cast<__m128i*>(dots), four_dots({at(0), at(1), at(2), at(3)}));
    std::copy_n(dots, count, out + row);
  }
}
#undef TRIAGE_AVX2
#undef TRIAGE_AVX512
#endif

std::int32_t narrow_dot(const std::uint8_t* codes, const CodeNumbers& numbers) noexcept {
  using Numbers = std::int8_t __attribute__((vector_size(16)));
  using Sums = std::int16_t __attribute__((vector_size(32)));
  const std::size_t bytes = numbers.units() * unit_bytes;
  std::int32_t total = 0;
  for (std::size_t at = 0; at < bytes;) {
    Sums sums{};
    const std::size_t end = std::min(at + units_of_a_sum * unit_bytes, bytes);
    for (; at < end; at += sizeof(ByteBlock)) {
      ByteBlock both;
      Numbers first;
      Numbers second;
      std::memcpy(&both, codes + at, sizeof both);
      std::memcpy(&first, numbers.low() + at, sizeof first);
      std::memcpy(&second, numbers.high() + at, sizeof second);
      sums += __builtin_convertvector(both & 15, Sums) * __builtin_convertvector(first, Sums);
      sums += __builtin_convertvector(both >> 4, Sums) * __builtin_convertvector(second, Sums);
    }
    for (std::size_t i = 0; i < sizeof sums / sizeof sums[0]; ++i) total += sums[i];
  }
  return total;
}

}  // namespace

CodeWidth widest_codes() noexcept {
#if defined(__x86_64__) && !defined(TRIAGE_NARROW_BLOCKS)
  static const bool has_512 =
      __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vnni");
  if (wide_blocks()) return has_512 ? CodeWidth::avx512 : CodeWidth::avx2;
#endif
  return CodeWidth::any;
}

void code_dots([[maybe_unused]] CodeWidth width, std::span<const std::uint8_t* const> rows, const CodeNumbers& numbers,
               std::int32_t* out) noexcept {
#if defined(__x86_64__) && !defined(TRIAGE_NARROW_BLOCKS)
  if (width == CodeWidth::avx512)
    return dots_by_four(rows, out, [&](FourRows four) { return four_dots_avx512(four, numbers); });
  if (width == CodeWidth::avx2)
    return dots_by_four(rows, out, [&](FourRows four) { return four_dots_avx2(four, numbers); });
#endif
  for (std::size_t i = 0; i < rows.size(); ++i) out[i] = narrow_dot(rows[i], numbers);
}

}  // namespace triage::similarity
