#pragma once
// Remembers what a model said about earlier prompts. Bounded and thread-safe.

#include <chrono>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace triage::routing {

class LabelCache {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Key = std::pair<std::uint64_t, std::uint64_t>;  ///< from a prompt, see key_of()

  /// Holds at most `most` entries; the least recently used is dropped first.
  LabelCache(std::size_t most, std::chrono::milliseconds ttl) : most_(most), ttl_(ttl) {}

  std::optional<std::size_t> find(const Key& key, Time now) {
    const std::lock_guard lock(mutex_);
    const auto found = by_key_.find(key);
    if (found == by_key_.end() || now - found->second->made > ttl_) return std::nullopt;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->label;
  }

  void keep(const Key& key, std::size_t label, Time now) {
    if (most_ == 0) return;
    const std::lock_guard lock(mutex_);
    if (const auto found = by_key_.find(key); found != by_key_.end()) {
      entries_.erase(found->second);
      by_key_.erase(found);
    } else if (entries_.size() == most_) {
      by_key_.erase(entries_.back().key);
      entries_.pop_back();
    }
    entries_.push_front({key, label, now});
    by_key_.emplace(key, entries_.begin());
  }

 private:
  struct Entry {
    Key key;
    std::size_t label;
    Time made;
  };
  std::size_t most_;
  std::chrono::milliseconds ttl_;
  std::mutex mutex_;
  std::list<Entry> entries_;
  std::map<Key, std::list<Entry>::iterator> by_key_;
};

}  // namespace triage::routing
