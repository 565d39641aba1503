#include "base/hash.hpp"

#include <bit>
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

std::uint64_t stable_hash64(std::string_view text, std::uint64_t seed) noexcept {
  return XXH3_64bits_withSeed(text.data(), text.size(), seed);
}

namespace {

class SipState {
 public:
  SipState(std::uint64_t low, std::uint64_t high) noexcept
      : v0_(low ^ 0x736f6d6570736575),
        v1_(high ^ 0x646f72616e646f6d),
        v2_(low ^ 0x6c7967656e657261),
        v3_(high ^ 0x7465646279746573) {}

  void take(std::uint64_t word) noexcept {
    v3_ ^= word;
    mix(2);
    v0_ ^= word;
  }
  std::uint64_t end() noexcept {
    v2_ ^= 0xff;
    mix(4);
    return v0_ ^ v1_ ^ v2_ ^ v3_;
  }

 private:
  void mix(int rounds) noexcept {
    for (; rounds > 0; --rounds) {
      v0_ += v1_;
      v1_ = std::rotl(v1_, 13) ^ v0_;
      v0_ = std::rotl(v0_, 32);
      v2_ += v3_;
      v3_ = std::rotl(v3_, 16) ^ v2_;
      v0_ += v3_;
      v3_ = std::rotl(v3_, 21) ^ v0_;
      v2_ += v1_;
      v1_ = std::rotl(v1_, 17) ^ v2_;
      v2_ = std::rotl(v2_, 32);
    }
  }

  std::uint64_t v0_, v1_, v2_, v3_;
};

// Up to eight bytes, little-endian.
std::uint64_t word_of(std::string_view bytes) noexcept {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < bytes.size() && i < 8; ++i)
    out |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return out;
}

}  // namespace

std::uint64_t keyed_hash64(std::string_view text, std::uint64_t key_low, std::uint64_t key_high) noexcept {
  SipState state(key_low, key_high);
  const std::uint64_t size = text.size();
  for (; text.size() >= 8; text.remove_prefix(8)) state.take(word_of(text));
  state.take(word_of(text) | size << 56);
  return state.end();
}

}  // namespace triage
