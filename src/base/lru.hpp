#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <optional>
#include <unordered_map>
#include <utility>

namespace triage {

/// Values by key, in the order of use, from which the owner drops the oldest when there are too many. Not thread-safe.
/// Pointers to values stay valid until the value is erased or dropped.
template <class Key, class Value, class Hash = std::hash<Key>>
class Lru {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

  /// nullptr: the key has none. The order does not change.
  Value* find(const Key& key) {
    const auto found = by_key_.find(key);
    return found == by_key_.end() ? nullptr : &found->second->second;
  }

  /// The same, and makes the value the newest.
  Value* use(const Key& key) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->second;
  }

  /// Sets the key's value and makes it the newest. False: the key already had a value, which is replaced.
  bool put(const Key& key, Value value) {
    if (Value* const known = use(key)) {
      *known = std::move(value);
      return false;
    }
    entries_.emplace_front(key, std::move(value));
    by_key_.emplace(key, entries_.begin());
    return true;
  }

  void erase(const Key& key) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return;
    entries_.erase(found->second);
    by_key_.erase(found);
  }

  /// Removes the oldest value. nullopt: there is none.
  std::optional<Value> drop_oldest() {
    if (entries_.empty()) return std::nullopt;
    std::optional<Value> out(std::move(entries_.back().second));
    by_key_.erase(entries_.back().first);
    entries_.pop_back();
    return out;
  }

 private:
  using Entries = std::list<std::pair<const Key, Value>>;
  Entries entries_;  // the newest is at the front
  std::unordered_map<Key, typename Entries::iterator, Hash> by_key_;
};

}  // namespace triage
