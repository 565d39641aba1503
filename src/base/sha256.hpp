#pragma once
// One-shot SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104), from OpenSSL.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace triage {

/// Cheap enough for every request: the algorithm is looked up once per process, its state allocated once per thread.
std::array<std::uint8_t, 32> sha256(std::string_view text);

std::array<std::uint8_t, 32> hmac_sha256(std::string_view key, std::string_view text);

/// Lower case, two digits per byte.
std::string hex(const std::array<std::uint8_t, 32>& digest);

}  // namespace triage
