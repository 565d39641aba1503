#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>
#include <string>

namespace triage {

inline std::int64_t now_unix_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

/// The last multiple of `period` that is at or before `time`.
constexpr std::int64_t floor_to(std::int64_t time, std::int64_t period) noexcept {
  return time - ((time % period) + period) % period;
}

/// The time as strftime() writes it, in UTC; at most 40 bytes.
inline std::string utc_text(std::int64_t unix_s, const char* format) {
  const std::time_t time = unix_s;
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[41];
  return {text, std::strftime(text, sizeof text, format, &parts)};
}

}  // namespace triage
