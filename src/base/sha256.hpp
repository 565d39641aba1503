#pragma once
// SHA-256 (FIPS 180-4) in one shot, from OpenSSL.

#include <array>
#include <cstdint>
#include <string_view>

namespace triage {

/// Cheap enough for every request: the algorithm is looked up once a process, its state allocated once a thread.
std::array<std::uint8_t, 32> sha256(std::string_view text);

}  // namespace triage
