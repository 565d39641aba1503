#pragma once
// What models signed and clients may not send back: thoughts and signatures of turns that call tools, so that a model
// that gets the tools' results knows its own thoughts again. Kept across reloads, bounded in bytes and time,
// thread-safe.

#include "base/lru.hpp"
#include "blocks/kept_turn.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>

namespace triage {

class Signatures {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// A turn's number. It depends on the gateway key, so that turns of others never match.
  [[nodiscard]] static std::uint64_t number(std::string_view key, std::uint64_t turn) noexcept;

  /// nullopt: nothing is kept of that turn, or it is too old.
  std::optional<KeptTurn> find(std::uint64_t number, Time now);

  /// True if there was no room: another turn that was not too old had to be forgotten, or this one is too large.
  bool keep(std::uint64_t number, KeptTurn turn, Time now);

  /// What all turns take, and for how long each is kept after it was made or asked for.
  void use(std::size_t bytes_max, std::chrono::milliseconds age_max) noexcept;

  [[nodiscard]] bool empty() const noexcept { return bytes_.load(std::memory_order_relaxed) == 0; }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }

 private:
  struct Entry {
    KeptTurn turn;
    Time since;  // when it was made or asked for
    std::size_t bytes = 0;
  };
  struct Shard {
    std::mutex mutex;
    Lru<std::uint64_t, Entry> by_number;
    std::size_t bytes = 0;
  };
  static constexpr std::size_t shard_count = 16;
  [[nodiscard]] bool is_old(const Entry& entry, Time now) const noexcept;
  void remove(Shard& shard, std::size_t bytes) noexcept;

  std::array<Shard, shard_count> shards_;
  std::atomic<std::size_t> bytes_{0};
  std::atomic<std::size_t> bytes_max_{64 * 1024 * 1024};
  std::atomic<std::int64_t> age_max_ms_{3'600'000};
};

}  // namespace triage
