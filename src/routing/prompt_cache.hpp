#pragma once
// Remembers what was found out about earlier prompts. Bounded and thread-safe.

#include "base/hash.hpp"
#include "base/lru.hpp"

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

namespace triage::routing {

/// What stands for a prompt.
using PromptKey = std::pair<std::uint64_t, std::uint64_t>;

inline PromptKey prompt_key(std::string_view text) noexcept {
  return {hash64(text, 1), hash64(text, 2)};
}

template <class Value>
class PromptCache {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Key = PromptKey;

  /// Holds at most `most` entries; the least recently used is dropped first. Without `ttl`
  /// none is too old.
  PromptCache(std::size_t most, std::optional<std::chrono::milliseconds> ttl) : most_(most), ttl_(ttl) {}

  std::optional<Value> find(const Key& key, Time now) {
    const std::lock_guard lock(mutex_);
    const Entry* const known = entries_.find(key);
    if (known == nullptr || (ttl_ && now - known->made > *ttl_)) return std::nullopt;
    return entries_.use(key)->value;
  }

  void keep(const Key& key, Value value, Time now) {
    if (most_ == 0) return;
    const std::lock_guard lock(mutex_);
    entries_.put(key, {std::move(value), now});
    if (entries_.size() > most_) entries_.drop_oldest();
  }

 private:
  struct Entry {
    Value value;
    Time made;
  };
  struct First {  // a key is a hash already
    std::size_t operator()(const Key& key) const noexcept { return key.first; }
  };
  std::size_t most_;
  std::optional<std::chrono::milliseconds> ttl_;
  std::mutex mutex_;
  Lru<Key, Entry, First> entries_;
};

}  // namespace triage::routing
