#pragma once
// How often a route's cascade escalates, over its last requests. Kept by name across reloads; thread-safe.

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

namespace triage {

class Escalations {
 public:
  /// Sets the normal `share` of escalations among the last `window` requests.
  void use(std::uint32_t window, double share) {
    const std::lock_guard lock(mutex_);
    share_max_ = share;
    if (last_.size() == window) return;
    last_.assign(window, false);
    next_ = seen_ = escalated_ = 0;
    above_ = false;
  }

  /// True when the share has just risen above the normal one. It is not judged before `least_seen` requests.
  bool add(bool escalated) {
    const std::lock_guard lock(mutex_);
    if (last_.empty()) return false;
    if (seen_ == last_.size())
      escalated_ -= last_[next_] ? 1 : 0;
    else
      ++seen_;
    last_[next_] = escalated;
    escalated_ += escalated ? 1 : 0;
    next_ = (next_ + 1) % last_.size();
    const bool was_above = above_;
    above_ = seen_ >= std::min(least_seen, last_.size()) && part() > share_max_;
    return above_ && !was_above;
  }

  [[nodiscard]] double share() const {
    const std::lock_guard lock(mutex_);
    return part();
  }

 private:
  static constexpr std::size_t least_seen = 50;
  [[nodiscard]] double part() const {
    return seen_ == 0 ? 0 : static_cast<double>(escalated_) / static_cast<double>(seen_);
  }

  mutable std::mutex mutex_;
  std::vector<bool> last_;
  std::size_t next_ = 0;
  std::size_t seen_ = 0;
  std::size_t escalated_ = 0;
  double share_max_ = 1;
  bool above_ = false;
};

}  // namespace triage
