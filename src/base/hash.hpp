#pragma once
// Fast hashes. Only the keyed one keeps anything secret.

#include <cstdint>
#include <string_view>

namespace triage {

/// XXH3 for tables, seeded at random when the process starts, and with `seed`.
std::uint64_t hash64(std::string_view text, std::uint64_t seed = 0) noexcept;

/// XXH3 for draws that anyone can repeat: the same everywhere and forever. Draws with different seeds are independent.
std::uint64_t stable_hash64(std::string_view text, std::uint64_t seed = 0) noexcept;

/// SipHash-2-4 (Aumasson and Bernstein, 2012), the same everywhere and forever. Without the key nobody can tell which
/// text has which hash.
std::uint64_t keyed_hash64(std::string_view text, std::uint64_t key_low, std::uint64_t key_high) noexcept;

}  // namespace triage
