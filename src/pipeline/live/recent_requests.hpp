#pragma once
// The last requests of this process, by their ids: feedback may come before the ledger's database has them, and before
// a stream has ended. Kept across reloads, bounded, thread-safe. Remembering one takes no memory once the place is
// used; finding one reads through all places, which is rare.

#include "triage/feedback.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

class RecentRequests {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Request {
    std::string_view id;
    std::string_view completion_id;  ///< empty: none
    std::string_view key;            ///< empty: it came without
    std::string_view route;
    std::int64_t time_unix_ms = 0;
    const ExperimentRecord* experiment = nullptr;
  };

  /// True if another one had to be forgotten so soon that the ledger may not have it yet.
  bool remember(const Request& request, Time now);

  /// The newest one of that id or completion id; with `key` only of those that came with it.
  [[nodiscard]] std::optional<PastRequest> find(std::string_view id, std::optional<std::string_view> key);

  void set_most(std::size_t most) noexcept { most_.store(most, std::memory_order_relaxed); }

 private:
  struct Hashes {
    std::uint64_t id = 0;
    std::uint64_t completion_id = 0;
  };
  struct Place {
    PastRequest request;
    std::string completion_id;
    Time time;
  };
  struct Shard {
    std::mutex mutex;
    std::vector<Hashes> hashes;
    std::vector<Place> places;  // as many
    std::size_t next = 0;       // to be used
  };
  static constexpr std::size_t shard_count = 16;

  std::array<Shard, shard_count> shards_;
  std::atomic<std::size_t> most_{16'384};
};

}  // namespace triage
