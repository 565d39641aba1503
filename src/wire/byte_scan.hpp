#pragma once
// Finds the next byte of a small set, 16 at a time. May read up to 15 bytes behind `end`: body_padding covers them.

#include <bit>
#include <cstdint>
#include <cstring>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace triage::byte_scan {

static_assert(std::endian::native == std::endian::little);

using Block = unsigned char __attribute__((vector_size(16)));

/// First byte in [at, end) for which `match` (a Block to a mask of 0 or 0xff bytes) is set; `end` if there is none.
template <class Match>
inline const char* find(const char* at, const char* end, Match match) noexcept {
  while (at < end) {
    Block block;
    std::memcpy(&block, at, sizeof block);
    const auto mask = match(block);
#ifdef __SSE2__
    const auto bits = static_cast<unsigned>(_mm_movemask_epi8(reinterpret_cast<__m128i>(mask)));
    if (bits != 0) {
      at += std::countr_zero(bits);
      return at < end ? at : end;
    }
#else
    std::uint64_t half[2];
    std::memcpy(half, &mask, sizeof half);
    if ((half[0] | half[1]) != 0) {
      at += half[0] != 0 ? std::countr_zero(half[0]) / 8 : 8 + std::countr_zero(half[1]) / 8;
      return at < end ? at : end;
    }
#endif
    at += sizeof block;
  }
  return end;
}

/// LF or CR.
inline const char* find_line_end(const char* at, const char* end) noexcept {
  return find(at, end, [](Block block) { return (block == '\n') | (block == '\r'); });
}

/// What cannot stand unescaped in a JSON string: '"', '\' and control characters.
inline const char* find_string_stop(const char* at, const char* end) noexcept {
  return find(at, end, [](Block block) { return (block == '"') | (block == '\\') | (block < 0x20); });
}

/// Brackets of JSON, and the quote.
inline const char* find_structure(const char* at, const char* end) noexcept {
  // '[' | 0x20 is '{', ']' | 0x20 is '}'
  return find(at, end, [](Block block) {
    const Block folded = block | 0x20;
    return (block == '"') | (folded == '{') | (folded == '}');
  });
}

}  // namespace triage::byte_scan
