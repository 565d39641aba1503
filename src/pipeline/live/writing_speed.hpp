#pragma once
// How fast a deployment writes, of late: what a call that was cut may have cost is estimated by it. Kept by name across
// reloads, thread safe.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <mutex>

namespace triage {

class WritingSpeed {
 public:
  using Duration = std::chrono::duration<double>;
  static constexpr double unknown = 50;  ///< tokens a second, until something is known
  static constexpr double most = 500;
  static constexpr std::int64_t tokens_min = 16;  ///< shorter answers say nothing

  /// An answer of so many tokens was there after `time`.
  void add(std::int64_t tokens, Duration time) {
    if (tokens < tokens_min || time.count() <= 0) return;
    constexpr double kept = 0.8;  // of what was known before
    const std::lock_guard lock(mutex_);
    tokens_ = kept * tokens_ + static_cast<double>(tokens);
    seconds_ = kept * seconds_ + time.count();
  }

  /// What may have been written in `time`.
  [[nodiscard]] std::int64_t tokens_in(Duration time) {
    const std::lock_guard lock(mutex_);
    const double speed = seconds_ > 0 ? std::min(most, tokens_ / seconds_) : unknown;
    return static_cast<std::int64_t>(speed * std::max(0.0, time.count()));
  }

 private:
  std::mutex mutex_;
  double tokens_ = 0;
  double seconds_ = 0;
};

}  // namespace triage
