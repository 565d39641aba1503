#include "pipeline/live/line_bound.hpp"

namespace triage {

bool LineBound::take(std::uint32_t most, std::chrono::steady_clock::time_point now) noexcept {
  const auto second = static_cast<std::uint64_t>(now.time_since_epoch() / std::chrono::seconds(1)) & 0xffffffffU;
  std::uint64_t seen = used_.load(std::memory_order_relaxed);
  for (;;) {
    const std::uint64_t lines = seen >> 32U == second ? seen & 0xffffffffU : 0;
    if (lines >= most) return false;
    if (used_.compare_exchange_weak(seen, second << 32U | (lines + 1), std::memory_order_relaxed)) return true;
  }
}

}  // namespace triage
