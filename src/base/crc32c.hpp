#pragma once
// CRC-32C (Castagnoli): the checksum of iSCSI (RFC 3720, B.4), reflected polynomial 0x82f63b78.

#include <cstdint>
#include <string_view>

namespace triage {

/// Of `bytes` behind those that gave `before`: crc32c(b, crc32c(a)) is that of a and b in a row. By the processor's
/// instruction where there is one.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0) noexcept;

/// The same by a table: what other processors run. Public for the test that compares the two.
std::uint32_t crc32c_by_table(std::string_view bytes, std::uint32_t before = 0) noexcept;

}  // namespace triage
