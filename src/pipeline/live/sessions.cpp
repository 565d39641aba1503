#include "pipeline/live/sessions.hpp"

#include "base/hash.hpp"

namespace triage {

std::uint64_t Sessions::number(std::string_view key, std::string_view route, std::string_view what) const {
  return hash64(what, hash64(route, hash64(key)));
}

std::optional<Sessions::Remembered> Sessions::find(std::uint64_t number, std::int64_t task, Time now) {
  Shard& here = shard(number);
  const std::lock_guard lock(here.mutex);
  const Entry* const known = here.by_number.find(number);
  if (known == nullptr) return std::nullopt;
  const Remembered& what = known->remembered;
  if (known->warm_until > now || (what.latched && what.task == task)) return what;
  here.by_number.erase(number);
  return std::nullopt;
}

bool Sessions::remember(std::uint64_t number, Remembered remembered, Time now, Time warm_until) {
  Shard& here = shard(number);
  const std::lock_guard lock(here.mutex);
  if (!here.by_number.put(number, {std::move(remembered), warm_until})) return false;
  const std::size_t most = std::max<std::size_t>(1, most_.load(std::memory_order_relaxed) / shard_count);
  bool warm = false;
  while (here.by_number.size() > most) warm = here.by_number.drop_oldest()->warm_until > now || warm;
  return warm;
}

}  // namespace triage
