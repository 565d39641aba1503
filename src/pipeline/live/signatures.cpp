#include "pipeline/live/signatures.hpp"

#include "base/hash.hpp"

namespace triage {
namespace {

constexpr std::size_t entry_overhead = 128;  // of the table and the list

}  // namespace

std::uint64_t Signatures::number(std::string_view key, std::uint64_t turn) noexcept {
  return hash64(key, turn);
}

bool Signatures::is_old(const Entry& entry, Time now) const noexcept {
  return now - entry.since > std::chrono::milliseconds(age_max_ms_.load(std::memory_order_relaxed));
}

void Signatures::remove(Shard& shard, std::size_t bytes) noexcept {
  shard.bytes -= bytes;
  bytes_.fetch_sub(bytes, std::memory_order_relaxed);
}

std::optional<KeptTurn> Signatures::find(std::uint64_t number, Time now) {
  Shard& here = shards_[number % shard_count];
  const std::lock_guard lock(here.mutex);
  Entry* const known = here.by_number.use(number);
  if (known == nullptr) return std::nullopt;
  if (!is_old(*known, now)) {
    known->since = now;
    return known->turn;
  }
  remove(here, known->bytes);
  here.by_number.erase(number);
  return std::nullopt;
}

bool Signatures::keep(std::uint64_t number, KeptTurn turn, Time now) {
  const std::size_t bytes = turn.bytes() + entry_overhead;
  const std::size_t most = bytes_max_.load(std::memory_order_relaxed) / shard_count;
  Shard& here = shards_[number % shard_count];
  const std::lock_guard lock(here.mutex);
  if (const Entry* const known = here.by_number.find(number)) {
    remove(here, known->bytes);
    here.by_number.erase(number);
  }
  if (bytes > most) return true;
  bool full = false;
  while (here.bytes + bytes > most) {
    const auto oldest = here.by_number.drop_oldest();
    full = !is_old(*oldest, now) || full;
    remove(here, oldest->bytes);
  }
  here.by_number.put(number, {std::move(turn), now, bytes});
  here.bytes += bytes;
  bytes_.fetch_add(bytes, std::memory_order_relaxed);
  return full;
}

void Signatures::use(std::size_t bytes_max, std::chrono::milliseconds age_max) noexcept {
  bytes_max_.store(bytes_max, std::memory_order_relaxed);
  age_max_ms_.store(age_max.count(), std::memory_order_relaxed);
}

}  // namespace triage
