#pragma once
// Where conversations were answered last, so that the tier does not fall while the provider still has the prompt in its
// cache. Kept across reloads, bounded, thread-safe.

#include "base/lru.hpp"
#include "triage/request.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace triage {

class Sessions {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Remembered {
    std::string tier;
    std::string deployment;
    std::int64_t task = 0;  ///< how many user turns the conversation had
    bool latched = false;   ///< kept for the rest of that task, even when its cache is cold
  };

  /// A conversation's number. It depends on the gateway key and the route, so that conversations of others never match.
  [[nodiscard]] std::uint64_t number(std::string_view key, std::string_view route, std::string_view what) const;

  /// nullopt: the conversation is unknown; or its cache is cold, and it is not latched or its `task` is another.
  std::optional<Remembered> find(std::uint64_t number, std::int64_t task, Time now);

  /// True if another conversation whose cache is still warm had to be forgotten.
  bool remember(std::uint64_t number, Remembered remembered, Time now, Time warm_until);

  void set_most(std::size_t most) noexcept { most_.store(most, std::memory_order_relaxed); }

 private:
  struct Entry {
    Remembered remembered;
    Time warm_until;
  };
  struct Shard {
    std::mutex mutex;
    Lru<std::uint64_t, Entry> by_number;
  };
  static constexpr std::size_t shard_count = 16;
  Shard& shard(std::uint64_t number) noexcept { return shards_[number % shard_count]; }

  std::array<Shard, shard_count> shards_;
  std::atomic<std::size_t> most_{65'536};
};

}  // namespace triage
