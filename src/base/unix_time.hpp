#pragma once

#include <chrono>
#include <cstdint>

namespace triage {

inline std::int64_t now_unix_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

/// The last multiple of `period` that is not after `time`.
constexpr std::int64_t floor_to(std::int64_t time, std::int64_t period) noexcept {
  return time - ((time % period) + period) % period;
}

}  // namespace triage
