#include "similarity/codes.hpp"

#include "base/byte_block.hpp"

#include <algorithm>

namespace triage::similarity {
namespace {

/// So many units fit a sum of 16 bits: each adds at most 4 * 15 * 127 to it.
constexpr std::size_t units_of_a_sum = 4;

#if defined(__x86_64__) && !defined(TRIAGE_NARROW_BLOCKS)
#define TRIAGE_WIDE [[gnu::target("avx2")]]

TRIAGE_WIDE inline __m256i load(const void* at) noexcept {
  return _mm256_loadu_si256(static_cast<const __m256i*>(at));
}

/// Adds the products of one unit to sixteen sums.
TRIAGE_WIDE inline __m256i add_unit(__m256i sums, const std::uint8_t* codes, __m256i first, __m256i second) noexcept {
  const __m256i low = _mm256_set1_epi8(15);
  const __m256i both = load(codes);
  const __m256i high = _mm256_and_si256(_mm256_srli_epi16(both, 4), low);
  return _mm256_add_epi16(sums, _mm256_add_epi16(_mm256_maddubs_epi16(_mm256_and_si256(both, low), first),
                                                 _mm256_maddubs_epi16(high, second)));
}

TRIAGE_WIDE inline __m256i widened(__m256i totals, __m256i sums) noexcept {
  return _mm256_add_epi32(totals, _mm256_madd_epi16(sums, _mm256_set1_epi16(1)));
}

/// Four rows, so that each number is loaded once for all of them.
TRIAGE_WIDE __m128i four_dots(const std::uint8_t* const (&rows)[4], const std::int8_t* numbers,
                              std::size_t units) noexcept {
  __m256i a = _mm256_setzero_si256();
  __m256i b = a;
  __m256i c = a;
  __m256i d = a;
  for (std::size_t unit = 0; unit < units;) {
    __m256i sums_a = _mm256_setzero_si256();
    __m256i sums_b = sums_a;
    __m256i sums_c = sums_a;
    __m256i sums_d = sums_a;
    const std::size_t end = std::min(unit + units_of_a_sum, units);
    for (; unit < end; ++unit) {
      const __m256i first = load(numbers + unit * unit_dimensions);
      const __m256i second = load(numbers + unit * unit_dimensions + unit_bytes);
      sums_a = add_unit(sums_a, rows[0] + unit * unit_bytes, first, second);
      sums_b = add_unit(sums_b, rows[1] + unit * unit_bytes, first, second);
      sums_c = add_unit(sums_c, rows[2] + unit * unit_bytes, first, second);
      sums_d = add_unit(sums_d, rows[3] + unit * unit_bytes, first, second);
    }
    a = widened(a, sums_a);
    b = widened(b, sums_b);
    c = widened(c, sums_c);
    d = widened(d, sums_d);
  }
  const __m256i halves = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
  return _mm_add_epi32(_mm256_castsi256_si128(halves), _mm256_extracti128_si256(halves, 1));
}

TRIAGE_WIDE void wide_dots(const std::uint8_t* codes, std::size_t rows, const std::int8_t* numbers, std::size_t units,
                           std::int32_t* out) noexcept {
  const std::size_t stride = units * unit_bytes;
  for (std::size_t row = 0; row < rows; row += 4) {
    const std::size_t count = std::min<std::size_t>(rows - row, 4);
    const auto at = [&](std::size_t i) { return codes + (row + std::min(i, count - 1)) * stride; };
    std::int32_t dots[4];
    _mm_storeu_si128(reinterpret_cast<__m128i*>(dots), four_dots({at(0), at(1), at(2), at(3)}, numbers, units));
    std::copy_n(dots, count, out + row);
  }
}
#undef TRIAGE_WIDE
#endif

std::int32_t narrow_dot(const std::uint8_t* codes, const std::int8_t* numbers, std::size_t units) noexcept {
  using Numbers = std::int8_t __attribute__((vector_size(16)));
  using Sums = std::int16_t __attribute__((vector_size(32)));
  std::int32_t total = 0;
  for (std::size_t unit = 0; unit < units;) {
    Sums sums{};
    const std::size_t end = std::min(unit + units_of_a_sum, units);
    for (; unit < end; ++unit, codes += unit_bytes, numbers += unit_dimensions)
      for (std::size_t at = 0; at < unit_bytes; at += sizeof(ByteBlock)) {
        ByteBlock both;
        Numbers first;
        Numbers second;
        std::memcpy(&both, codes + at, sizeof both);
        std::memcpy(&first, numbers + at, sizeof first);
        std::memcpy(&second, numbers + unit_bytes + at, sizeof second);
        sums += __builtin_convertvector(both & 15, Sums) * __builtin_convertvector(first, Sums);
        sums += __builtin_convertvector(both >> 4, Sums) * __builtin_convertvector(second, Sums);
      }
    for (std::size_t i = 0; i < sizeof sums / sizeof sums[0]; ++i) total += sums[i];
  }
  return total;
}

}  // namespace

void code_dots_narrow(const std::uint8_t* codes, std::size_t rows, const std::int8_t* numbers, std::size_t units,
                      std::int32_t* out) noexcept {
  for (std::size_t row = 0; row < rows; ++row) out[row] = narrow_dot(codes + row * units * unit_bytes, numbers, units);
}

void code_dots(const std::uint8_t* codes, std::size_t rows, const std::int8_t* numbers, std::size_t units,
               std::int32_t* out) noexcept {
#if defined(__x86_64__) && !defined(TRIAGE_NARROW_BLOCKS)
  if (wide_blocks()) return wide_dots(codes, rows, numbers, units, out);
#endif
  code_dots_narrow(codes, rows, numbers, units, out);
}

}  // namespace triage::similarity
