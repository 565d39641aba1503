#pragma once
// Immutable objects that are made once for all who use the same, and live as long as one of these does.

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace triage {

/// Thread-safe. An empty key stands for nothing: it is never found.
template <class T>
class SharedByKey {
 public:
  /// Null: nobody uses one of that key.
  [[nodiscard]] std::shared_ptr<const T> find(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(key);
    return found == known_.end() ? nullptr : found->second.lock();
  }
  /// `made` is found from now on, unless another is: that one is returned.
  std::shared_ptr<const T> keep(const std::string& key, std::shared_ptr<const T> made) {
    if (key.empty()) return made;
    const std::lock_guard lock(mutex_);
    std::erase_if(known_, [](const auto& known) { return known.second.expired(); });
    const auto [at, fresh] = known_.try_emplace(key, made);
    if (fresh) return made;
    const auto there = at->second.lock();
    if (there) return there;
    at->second = made;
    return made;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<const T>> known_;
};

}  // namespace triage
