#pragma once
// Remembers what a model said about earlier prompts. Bounded and thread-safe.

#include "base/lru.hpp"

#include <chrono>
#include <cstdint>
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
    const Entry* const known = entries_.find(key);
    if (known == nullptr || now - known->made > ttl_) return std::nullopt;
    return entries_.use(key)->label;
  }

  void keep(const Key& key, std::size_t label, Time now) {
    if (most_ == 0) return;
    const std::lock_guard lock(mutex_);
    entries_.put(key, {label, now});
    if (entries_.size() > most_) entries_.drop_oldest();
  }

 private:
  struct Entry {
    std::size_t label;
    Time made;
  };
  struct First {  // a key is a hash already
    std::size_t operator()(const Key& key) const noexcept { return key.first; }
  };
  std::size_t most_;
  std::chrono::milliseconds ttl_;
  std::mutex mutex_;
  Lru<Key, Entry, First> entries_;
};

}  // namespace triage::routing
