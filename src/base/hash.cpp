#include "base/hash.hpp"

#include <random>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace triage {

std::uint64_t hash64(std::string_view text, std::uint64_t seed) noexcept {
  static const std::uint64_t process_seed = [] {
    std::random_device random;
    return (static_cast<std::uint64_t>(random()) << 32) | random();
  }();
  return XXH3_64bits_withSeed(text.data(), text.size(), process_seed ^ seed);
}

std::uint64_t stable_hash64(std::string_view text) noexcept {
  return XXH3_64bits(text.data(), text.size());
}

}  // namespace triage
