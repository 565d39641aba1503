#pragma once
// Finds the next byte of a small set, 16 at a time. May read up to 63 bytes past the end: body_padding covers them.

#include "base/byte_block.hpp"

namespace triage::byte_scan {

/// First byte in [at, end) for which `match` (a ByteBlock to a mask of 0 or 0xff bytes) is set; `end` if there is none.
template <class Match>
inline const char* find(const char* at, const char* end, Match match) noexcept {
  for (; at < end; at += sizeof(ByteBlock)) {
    const std::uint64_t bits = bits_of(match(load_block(at)));
    if (bits == 0) continue;
    at += std::countr_zero(bits);
    return at < end ? at : end;
  }
  return end;
}

/// Calls found(pointer) for each such byte, in order, until it returns false.
template <class Match, class Found>
inline void find_all(const char* at, const char* end, Match match, Found found) {
  for (; at < end; at += sizeof(ByteBlock))
    for (std::uint64_t bits = bits_of(match(load_block(at))); bits != 0; bits &= bits - 1)
      if (const char* const place = at + std::countr_zero(bits); place >= end || !found(place)) return;
}

/// LF or CR.
inline const char* find_line_end(const char* at, const char* end) noexcept {
  return find(at, end, [](ByteBlock block) { return (block == '\n') | (block == '\r'); });
}

/// Which bytes of a block cannot stand unescaped in a JSON string: '"', '\' and control characters.
template <class Width>
[[gnu::always_inline]] inline std::uint64_t string_stops(const char* at) noexcept {
  typename Width::Block block;
  std::memcpy(&block, at, sizeof block);
  return Width::bits(((block ^ 2) <= 0x20) | (block == '\\'));  // '"' ^ 2 is 0x20, what is below 0x20 stays there
}

/// The same for 64 bytes.
template <class Width>
[[gnu::always_inline]] inline std::uint64_t string_stops_64(const char* at) noexcept {
  std::uint64_t out = 0;
  for (unsigned shift = 0; shift < 64; shift += sizeof(typename Width::Block))
    out |= string_stops<Width>(at + shift) << shift;
  return out;
}

/// Brackets of JSON, and the quote.
inline const char* find_structure(const char* at, const char* end) noexcept {
  // '[' | 0x20 is '{', ']' | 0x20 is '}'
  return find(at, end, [](ByteBlock block) {
    const ByteBlock folded = block | 0x20;
    return (block == '"') | (folded == '{') | (folded == '}');
  });
}

}  // namespace triage::byte_scan
