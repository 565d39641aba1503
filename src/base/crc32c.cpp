#include "base/crc32c.hpp"

#include <array>
#include <cstring>

// The register starts at all ones and is inverted at the end. Eight tables of 256 entries take eight bytes a step
// ("slicing by 8").

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif

namespace triage {
namespace {

using Tables = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr Tables make_tables() {
  Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78U : 0U);
    tables[0][byte] = crc;
  }
  for (std::size_t byte = 0; byte < 256; ++byte)
    for (std::size_t i = 1; i < 8; ++i)
      tables[i][byte] = tables[i - 1][byte] >> 8 ^ tables[0][tables[i - 1][byte] & 0xff];
  return tables;
}

constexpr Tables tables = make_tables();

std::uint32_t take_by_table(const char* at, std::size_t size, std::uint32_t crc) noexcept {
  while (size >= 8) {
    std::uint32_t mixed = crc;
    for (std::size_t i = 0; i < 4; ++i) mixed ^= static_cast<std::uint32_t>(static_cast<unsigned char>(at[i])) << 8 * i;
    crc = 0;
    for (std::size_t i = 0; i < 4; ++i) crc ^= tables[7 - i][mixed >> 8 * i & 0xff];
    for (std::size_t i = 4; i < 8; ++i) crc ^= tables[7 - i][static_cast<unsigned char>(at[i])];
    at += 8;
    size -= 8;
  }
  while (size-- > 0) crc = crc >> 8 ^ tables[0][(crc ^ static_cast<unsigned char>(*at++)) & 0xff];
  return crc;
}

#if defined(__x86_64__)

__attribute__((target("sse4.2"))) std::uint32_t take_by_instruction(const char* at, std::size_t size,
                                                                    std::uint32_t crc) noexcept {
  std::uint64_t wide = crc;
  for (; size >= 8; at += 8, size -= 8) {
    std::uint64_t word;
    std::memcpy(&word, at, 8);
    wide = _mm_crc32_u64(wide, word);
  }
  crc = static_cast<std::uint32_t>(wide);
  while (size-- > 0) crc = _mm_crc32_u8(crc, static_cast<unsigned char>(*at++));
  return crc;
}

bool has_instruction() noexcept {
  static const bool has = __builtin_cpu_supports("sse4.2") != 0;
  return has;
}

#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)

std::uint32_t take_by_instruction(const char* at, std::size_t size, std::uint32_t crc) noexcept {
  for (; size >= 8; at += 8, size -= 8) {
    std::uint64_t word;
    std::memcpy(&word, at, 8);
    crc = __crc32cd(crc, word);
  }
  while (size-- > 0) crc = __crc32cb(crc, static_cast<std::uint8_t>(*at++));
  return crc;
}

constexpr bool has_instruction() noexcept {
  return true;
}

#else

std::uint32_t take_by_instruction(const char* at, std::size_t size, std::uint32_t crc) noexcept {
  return take_by_table(at, size, crc);
}

constexpr bool has_instruction() noexcept {
  return false;
}

#endif

}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) noexcept {
  if (!has_instruction()) return crc32c_by_table(bytes, before);
  return ~take_by_instruction(bytes.data(), bytes.size(), ~before);
}

std::uint32_t crc32c_by_table(std::string_view bytes, std::uint32_t before) noexcept {
  return ~take_by_table(bytes.data(), bytes.size(), ~before);
}

}  // namespace triage
