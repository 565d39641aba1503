#include "pipeline/live/sessions.hpp"

#include "base/hash.hpp"

namespace triage {

std::uint64_t Sessions::number(std::string_view key, std::string_view route, std::string_view what) const {
  return hash64(what, hash64(route, hash64(key)));
}

std::optional<Sessions::Remembered> Sessions::find(std::uint64_t number, Time now) {
  Shard& here = shard(number);
  const std::lock_guard lock(here.mutex);
  const auto found = here.by_number.find(number);
  if (found == here.by_number.end()) return std::nullopt;
  if (found->second->warm_until > now) return found->second->remembered;
  here.entries.erase(found->second);
  here.by_number.erase(found);
  return std::nullopt;
}

bool Sessions::remember(std::uint64_t number, std::string_view tier, std::string_view deployment, Time now,
                        Time warm_until) {
  Shard& here = shard(number);
  const std::lock_guard lock(here.mutex);
  if (const auto found = here.by_number.find(number); found != here.by_number.end()) {
    Entry& entry = *found->second;
    entry.remembered.tier = tier;
    entry.remembered.deployment = deployment;
    entry.warm_until = warm_until;
    here.entries.splice(here.entries.begin(), here.entries, found->second);
    return false;
  }
  here.entries.push_front({number, {std::string(tier), std::string(deployment)}, warm_until});
  here.by_number.emplace(number, here.entries.begin());
  const std::size_t most = std::max<std::size_t>(1, most_.load(std::memory_order_relaxed) / shard_count);
  bool warm = false;
  while (here.entries.size() > most) {
    warm = warm || here.entries.back().warm_until > now;
    here.by_number.erase(here.entries.back().number);
    here.entries.pop_back();
  }
  return warm;
}

}  // namespace triage
