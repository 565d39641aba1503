#include "base/duration.hpp"

#include "base/decimal.hpp"

#include <cstdint>

namespace triage {
namespace {

std::int64_t to_nearest(std::int64_t value, std::int64_t step) noexcept {
  return (value + step / 2) / step * step;
}

std::int64_t rounded(std::int64_t ms) noexcept {
  constexpr std::int64_t hardly = 2;
  if (ms >= 60'000) return to_nearest(ms, 1'000);
  if (ms >= 10'000) return to_nearest(ms, 100);
  if (ms >= 1'000) return to_nearest(ms, 10);
  const std::int64_t round = to_nearest(ms, 10);
  return ms >= 100 && ms < round && ms + hardly >= round ? round : ms;
}

}  // namespace

std::string rounded_duration(std::chrono::milliseconds duration) {
  const std::int64_t ms = rounded(duration.count());
  if (ms < 1'000) return std::to_string(ms) + "ms";
  if (ms % 60'000 == 0) return std::to_string(ms / 60'000) + "m";
  return format_decimal(ms, 3) + "s";
}

}  // namespace triage
