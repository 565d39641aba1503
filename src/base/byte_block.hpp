#pragma once
// Sixteen bytes that are compared at once, and the comparison's result as bits: SSE2 on x86, plain C++ elsewhere. Also
// 32 bytes at once, where the machine has AVX2: see with_widest_blocks().

#include <bit>
#include <cstdint>
#include <cstring>
#ifdef __SSE2__
#include <immintrin.h>
#endif

namespace triage {

static_assert(std::endian::native == std::endian::little);

using ByteBlock = unsigned char __attribute__((vector_size(16)));

/// Loads the 16 bytes at `at`, whatever its alignment.
inline ByteBlock load_block(const char* at) noexcept {
  ByteBlock block;
  std::memcpy(&block, at, sizeof block);
  return block;
}

/// Bit i is set where byte i of `mask` is: a comparison of blocks yields 0xff or 0 for each byte.
template <class Mask>
inline std::uint64_t bits_of(Mask mask) noexcept {
  static_assert(sizeof mask == sizeof(ByteBlock));
#ifdef __SSE2__
  return static_cast<std::uint32_t>(_mm_movemask_epi8(reinterpret_cast<__m128i>(mask)));
#else
  std::uint64_t half[2];
  std::memcpy(half, &mask, sizeof half);
  // Each byte keeps the one bit that is its index, and the product adds up all eight in the highest byte.
  const auto pack = [](std::uint64_t bytes) { return (bytes & 0x8040201008040201U) * 0x0101010101010101U >> 56; };
  return pack(half[0]) | pack(half[1]) << 8;
#endif
}

/// The template argument of functions over blocks of either width. Such a function is [[gnu::always_inline]], so that
/// it becomes part of a caller that may use the machine's instructions.
struct Narrow {
  using Block = ByteBlock;
  template <class Mask>
  static std::uint64_t bits(const Mask& mask) noexcept {
    return bits_of(mask);
  }
};

#if defined(__x86_64__) && !defined(TRIAGE_NARROW_BLOCKS)
struct Wide {
  using Block = unsigned char __attribute__((vector_size(32)));
  /// By reference, because a function without the attribute cannot take 32 bytes in a register.
  template <class Mask>
  [[gnu::target("avx2,bmi,popcnt")]] static std::uint64_t bits(const Mask& mask) noexcept {
    static_assert(sizeof mask == sizeof(Block));
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(reinterpret_cast<const __m256i&>(mask)));
  }
};

inline bool wide_blocks() noexcept {
  static const bool out =
      __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt");
  return out;
}

template <class Work>
[[gnu::target("avx2,bmi,popcnt")]] auto with_wide_blocks(const Work& work) noexcept {
  return work.template operator()<Wide>();
}
#endif

/// The most bytes in a block: a text that is read in blocks needs as many readable bytes behind it.
inline constexpr std::size_t widest_block = 32;

/// Calls `work` with the widest blocks that this machine has. `work` must be always_inline too:
///   with_widest_blocks([&]<class Width>() __attribute__((always_inline)) { return scan<Width>(text); });
template <class Work>
auto with_widest_blocks(const Work& work) noexcept {
#if defined(__x86_64__) && !defined(TRIAGE_NARROW_BLOCKS)
  if (wide_blocks()) return with_wide_blocks(work);
#endif
  return work.template operator()<Narrow>();
}

}  // namespace triage
