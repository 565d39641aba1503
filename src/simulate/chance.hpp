#pragma once
// Randomness without state: every draw is a hash of what it depends on, so a run can be repeated and loops share
// nothing. Mixing is the finalizer of MurmurHash3 (Appleby, public domain) over 8 bytes at a time: even, not secret.

#include "simulate/spec.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <numbers>
#include <string_view>

namespace triage::simulate {

inline std::uint64_t mix(std::uint64_t state, std::uint64_t value) noexcept {
  state ^= value * 0x9E3779B97F4A7C15ULL;
  state = std::rotl(state, 27) + 0x632BE59BD9B4E019ULL;
  state ^= state >> 33;
  state *= 0xFF51AFD7ED558CCDULL;
  state ^= state >> 33;
  return state;
}

inline std::uint64_t mix(std::uint64_t state, std::string_view text) noexcept {
  state = mix(state, static_cast<std::uint64_t>(text.size()));
  while (text.size() >= 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data(), 8);
    state = mix(state, word);
    text.remove_prefix(8);
  }
  std::uint64_t rest = 0;
  if (!text.empty()) std::memcpy(&rest, text.data(), text.size());
  return mix(state, rest);
}

/// One well-mixed number from a seed and the purpose of the draw.
inline std::uint64_t draw(std::uint64_t seed, std::uint64_t purpose) noexcept {
  std::uint64_t state = mix(mix(seed, purpose), purpose);
  state *= 0xC4CEB9FE1A85EC53ULL;
  return state ^ (state >> 29);
}

/// Uniform in [0, 1).
inline double uniform(std::uint64_t seed, std::uint64_t purpose) noexcept {
  return static_cast<double>(draw(seed, purpose) >> 11) * 0x1.0p-53;
}

/// Lognormal through p50 and p99, never longer than four times p99.
inline std::chrono::microseconds sample(const DelaySpec& delay, std::uint64_t seed, std::uint64_t purpose) noexcept {
  if (delay.p99 <= delay.p50 || delay.p50.count() <= 0) return delay.p50;
  constexpr double z99 = 2.3263478740408408;
  const double p50 = static_cast<double>(delay.p50.count());
  const double p99 = static_cast<double>(delay.p99.count());
  const double u = 1.0 - uniform(seed, purpose);  // (0, 1]: its logarithm is finite
  const double v = uniform(seed, purpose + 0x1000);
  const double normal = std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v);
  const double value = std::min(p50 * std::exp(normal * std::log(p99 / p50) / z99), 4.0 * p99);
  return std::chrono::microseconds(static_cast<std::int64_t>(value));
}

/// What draws are for. Each use has its own purpose, so that draws are independent.
namespace purpose {
inline constexpr std::uint64_t failure = 1, refusal = 2, quality = 3, length = 4, words = 5, latency = 6, ttft = 7,
                               id = 8, wrong_by = 9, logprob = 10, embedding = 11;
}  // namespace purpose

}  // namespace triage::simulate
