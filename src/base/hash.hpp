#pragma once
// Fast hashes, not for secrets.

#include <cstdint>
#include <string_view>

namespace triage {

/// XXH3 for tables, seeded at random when the process starts, and with `seed`.
std::uint64_t hash64(std::string_view text, std::uint64_t seed = 0) noexcept;

/// XXH3 for draws that anyone can repeat: the same everywhere and forever.
std::uint64_t stable_hash64(std::string_view text) noexcept;

}  // namespace triage
