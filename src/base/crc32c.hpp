#pragma once
// CRC-32C (Castagnoli): the checksum of iSCSI (RFC 3720, B.4), reflected polynomial 0x82f63b78.

#include <cstdint>
#include <string_view>

namespace triage {

/// The CRC of `bytes` appended to those whose CRC is `before`: crc32c(b, crc32c(a)) is that of a followed by b. Uses
/// the processor's instruction where there is one.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0) noexcept;

/// The same by table, as other processors run it. Public for the test that compares the two.
std::uint32_t crc32c_by_table(std::string_view bytes, std::uint32_t before = 0) noexcept;

}  // namespace triage
