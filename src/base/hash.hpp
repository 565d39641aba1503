#pragma once
// A fast hash for tables: not the same in two processes, not for secrets.

#include <cstdint>
#include <string_view>

namespace triage {

/// XXH3, seeded at random when the process starts and with `seed`.
std::uint64_t hash64(std::string_view text, std::uint64_t seed = 0) noexcept;

}  // namespace triage
