#pragma once
// How often a detector may be wrong. The rate is one in time, not in requests, so that it holds for any traffic: a
// detector looks at windows that last at least so long, or begins a bet at most once a tick.

#include <cstdint>

namespace triage::drift {

struct Pace {
  std::int64_t false_alarm_every_ms = 0;  ///< of this detector, on average
  std::int64_t window_ms = 0;

  [[nodiscard]] std::int64_t tick_ms() const noexcept { return window_ms >= 60 ? window_ms / 60 : 1; }
  /// The probability of a false alarm that one window may have.
  [[nodiscard]] double per_window() const noexcept {
    return static_cast<double>(window_ms) / static_cast<double>(false_alarm_every_ms);
  }
  /// Ticks between false alarms.
  [[nodiscard]] double ticks() const noexcept {
    return static_cast<double>(false_alarm_every_ms) / static_cast<double>(tick_ms());
  }
};

/// A reference is complete when it has so many outcomes, and has lasted so many windows: a day has its hours.
struct ReferenceSize {
  std::uint32_t outcomes = 2'000;
  std::uint32_t windows = 24;
};

enum class State : std::uint8_t { learning, steady, drifted };

/// What a detector saw when it raised the alarm.
struct Seen {
  double before = 0;
  double now = 0;
  double limit = 0;  ///< that `now` has passed, or the evidence has
};

}  // namespace triage::drift
