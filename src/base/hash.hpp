#pragma once
// Fast hashes, not for secrets.

#include <cstdint>
#include <string_view>

namespace triage {

/// For tables: XXH3, seeded at random when the process starts and with `seed`.
std::uint64_t hash64(std::string_view text, std::uint64_t seed = 0) noexcept;

/// XXH3: the same everywhere and for ever, for draws that anyone can repeat.
std::uint64_t stable_hash64(std::string_view text) noexcept;

}  // namespace triage
