#pragma once
// Dot products of 4-bit codes with a vector of 8-bit numbers: 32 codes at once in plain C++ and SSE2, 64 with AVX2.
//
// A unit is 64 dimensions in 32 bytes: byte i holds the code of dimension i in its low and that of i + 32 in its high
// half. Codes are 0..15, numbers -127..127.

#include "base/byte_block.hpp"

#include <cstddef>
#include <cstdint>

namespace triage::similarity {

inline constexpr std::size_t unit_dimensions = 64;
inline constexpr std::size_t unit_bytes = unit_dimensions / 2;

/// So many units fit a sum of 16 bits: each adds at most 4 * 15 * 127 to it.
inline constexpr std::size_t units_of_a_sum = 4;

#if defined(__x86_64__) && !defined(TRIAGE_NARROW_BLOCKS)
/// The products of one unit, added up in sixteen sums.
[[gnu::target("avx2,bmi,popcnt"), gnu::always_inline]] inline __m256i wide_unit(const std::uint8_t* codes,
                                                                                const std::int8_t* numbers) noexcept {
  const __m256i low = _mm256_set1_epi8(15);
  const __m256i both = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(codes));
  const __m256i first = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(numbers));
  const __m256i second = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(numbers + unit_bytes));
  return _mm256_add_epi16(_mm256_maddubs_epi16(_mm256_and_si256(both, low), first),
                          _mm256_maddubs_epi16(_mm256_and_si256(_mm256_srli_epi16(both, 4), low), second));
}

[[gnu::target("avx2,bmi,popcnt")]] inline std::int32_t wide_dot(const std::uint8_t* codes, const std::int8_t* numbers,
                                                                std::size_t units) noexcept {
  const __m256i ones = _mm256_set1_epi16(1);
  __m256i total = _mm256_setzero_si256();
  static_assert(units_of_a_sum == 4);
  for (; units >= 4; units -= 4, codes += 4 * unit_bytes, numbers += 4 * unit_dimensions) {
    const __m256i half =
        _mm256_add_epi16(wide_unit(codes, numbers), wide_unit(codes + unit_bytes, numbers + unit_dimensions));
    const __m256i rest = _mm256_add_epi16(wide_unit(codes + 2 * unit_bytes, numbers + 2 * unit_dimensions),
                                          wide_unit(codes + 3 * unit_bytes, numbers + 3 * unit_dimensions));
    total = _mm256_add_epi32(total, _mm256_madd_epi16(_mm256_add_epi16(half, rest), ones));
  }
  if (units > 0) {
    __m256i sum = wide_unit(codes, numbers);
    for (std::size_t unit = 1; unit < units; ++unit)
      sum = _mm256_add_epi16(sum, wide_unit(codes + unit * unit_bytes, numbers + unit * unit_dimensions));
    total = _mm256_add_epi32(total, _mm256_madd_epi16(sum, ones));
  }
  __m128i half = _mm_add_epi32(_mm256_castsi256_si128(total), _mm256_extracti128_si256(total, 1));
  half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0b01'00'11'10));
  half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0b10'11'00'01));
  return _mm_cvtsi128_si32(half);
}
#endif

inline std::int32_t narrow_dot(const std::uint8_t* codes, const std::int8_t* numbers, std::size_t units) noexcept {
  using Numbers = std::int8_t __attribute__((vector_size(16)));
  using Sums = std::int16_t __attribute__((vector_size(32)));
  std::int32_t total = 0;
  for (std::size_t unit = 0; unit < units;) {
    Sums sum{};
    const std::size_t end = unit + units_of_a_sum < units ? unit + units_of_a_sum : units;
    for (; unit < end; ++unit, codes += unit_bytes, numbers += unit_dimensions)
      for (std::size_t at = 0; at < unit_bytes; at += sizeof(ByteBlock)) {
        ByteBlock both;
        Numbers first, second;
        std::memcpy(&both, codes + at, sizeof both);
        std::memcpy(&first, numbers + at, sizeof first);
        std::memcpy(&second, numbers + unit_bytes + at, sizeof second);
        sum += __builtin_convertvector(both & 15, Sums) * __builtin_convertvector(first, Sums);
        sum += __builtin_convertvector(both >> 4, Sums) * __builtin_convertvector(second, Sums);
      }
    for (std::size_t i = 0; i < sizeof sum / sizeof sum[0]; ++i) total += sum[i];
  }
  return total;
}

template <class Width>
[[gnu::always_inline]] inline std::int32_t code_dot(const std::uint8_t* codes, const std::int8_t* numbers,
                                                    std::size_t units) noexcept {
#if defined(__x86_64__) && !defined(TRIAGE_NARROW_BLOCKS)
  if constexpr (sizeof(typename Width::Block) == unit_bytes) return wide_dot(codes, numbers, units);
#endif
  return narrow_dot(codes, numbers, units);
}

}  // namespace triage::similarity
