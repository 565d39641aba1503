#pragma once
// A deployment's recent times to the first byte of its answers. Kept by name across reloads; thread-safe.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>

namespace triage {

class FirstByteTimes {
 public:
  using Duration = std::chrono::microseconds;
  static constexpr std::size_t kept = 256;
  static constexpr std::size_t least = 20;  ///< fewer times say nothing

  /// Streams and whole answers are kept apart, because streams begin sooner.
  void add(bool streamed, Duration time) {
    const std::lock_guard lock(mutex_);
    Window& window = windows_[streamed ? 1 : 0];
    window.times[window.added++ % kept] = time;
  }

  /// `share` is 0..1. nullopt: too few times are known.
  [[nodiscard]] std::optional<Duration> quantile(bool streamed, double share) {
    std::array<Duration, kept> times;
    std::size_t count = 0;
    {
      const std::lock_guard lock(mutex_);
      const Window& window = windows_[streamed ? 1 : 0];
      count = std::min(window.added, kept);
      std::copy_n(window.times.begin(), count, times.begin());
    }
    if (count < least) return std::nullopt;
    const auto at = std::min(count - 1, static_cast<std::size_t>(share * static_cast<double>(count)));
    const auto place = times.begin() + static_cast<std::ptrdiff_t>(at);
    std::nth_element(times.begin(), place, times.begin() + static_cast<std::ptrdiff_t>(count));
    return *place;
  }

 private:
  struct Window {
    std::array<Duration, kept> times{};
    std::size_t added = 0;
  };
  std::mutex mutex_;
  std::array<Window, 2> windows_;
};

}  // namespace triage
