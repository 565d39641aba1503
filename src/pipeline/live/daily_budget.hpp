#pragma once
// Money that may be spent in a day. What is about to be spent is set aside first, at an estimate, so that calls under
// way at the same time cannot all spend the last dollar. Kept by name across reloads; thread-safe.

#include "base/unix_time.hpp"

#include <cstdint>
#include <mutex>
#include <utility>

namespace triage {

class DailyBudget {
 public:
  /// Sets the limit from now on, in nano-USD a day.
  void use(std::int64_t most) {
    const std::lock_guard lock(mutex_);
    most_ = most;
  }

  /// Sets `estimate` nano-USD aside, if that much is left for `day` (counted in days since 1970, UTC).
  bool take(std::int64_t estimate, std::int64_t day) {
    const std::lock_guard lock(mutex_);
    begin(day);
    if (spent_ >= most_ || estimate > most_ - spent_ - set_aside_) return false;
    set_aside_ += estimate;
    return true;
  }

  /// Replaces what was set aside by the `actual` cost, which counts for `day`, when it was spent.
  void settle(std::int64_t estimate, std::int64_t actual, std::int64_t day) {
    const std::lock_guard lock(mutex_);
    begin(day);
    set_aside_ -= estimate;
    spent_ += actual;
  }

  [[nodiscard]] std::int64_t spent(std::int64_t day) {
    const std::lock_guard lock(mutex_);
    begin(day);
    return spent_;
  }

 private:
  void begin(std::int64_t day) {
    if (day <= day_) return;  // also if the clock was set back
    day_ = day;
    spent_ = 0;
  }

  std::mutex mutex_;
  std::int64_t most_ = 0;
  std::int64_t spent_ = 0;
  std::int64_t set_aside_ = 0;
  std::int64_t day_ = 0;
};

inline constexpr std::int64_t day_ms = 24LL * 3600 * 1000;

/// Days since 1970, UTC.
inline std::int64_t today() {
  return now_unix_ms() / day_ms;
}

/// An amount set aside from a budget until it is known what was spent. It is settled on destruction at the latest.
class SetAside {
 public:
  SetAside(DailyBudget& budget, std::int64_t estimate) : budget_(&budget), estimate_(estimate) {}
  SetAside(SetAside&& other) noexcept : budget_(std::exchange(other.budget_, nullptr)), estimate_(other.estimate_) {}
  SetAside& operator=(SetAside&&) = delete;
  ~SetAside() { spent(estimate_); }
  /// Settles it, once, so that the next request finds the budget as it is now; without this call the estimate counts.
  void spent(std::int64_t actual) {
    if (DailyBudget* const budget = std::exchange(budget_, nullptr)) budget->settle(estimate_, actual, today());
  }

 private:
  DailyBudget* budget_;
  std::int64_t estimate_;
};

}  // namespace triage
