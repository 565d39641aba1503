#include "pipeline/live/recent_requests.hpp"

#include "base/hash.hpp"

#include <algorithm>

namespace triage {
namespace {

constexpr std::chrono::seconds soon{10};

// Into the memory that is there.
void assign(Assigned& to, const ExperimentRecord& from) {
  to.name = from.name;
  to.version = from.version;
  to.arm = from.arm;
  to.unit = from.unit;
  to.share = from.share;
}

}  // namespace

bool RecentRequests::remember(const Request& request, Time now) {
  const Hashes hashes{hash64(request.id), request.completion_id.empty() ? 0 : hash64(request.completion_id)};
  const std::size_t most = std::max<std::size_t>(1, most_.load(std::memory_order_relaxed) / shard_count);
  Shard& here = shards_[hashes.id % shard_count];
  const std::lock_guard lock(here.mutex);
  if (here.places.size() > most || here.next >= most) {
    here.places.resize(std::min(here.places.size(), most));
    here.hashes.resize(here.places.size());
    here.next = 0;
  }
  const bool fresh = here.next == here.places.size();
  if (fresh) {
    here.places.emplace_back();
    here.hashes.emplace_back();
  }
  Place& place = here.places[here.next];
  const bool forgotten = !fresh && now - place.time < soon;
  here.hashes[here.next++] = hashes;
  place.time = now;
  place.completion_id = request.completion_id;
  place.request.id = request.id;
  place.request.key = request.key;
  place.request.route = request.route;
  place.request.time_unix_ms = request.time_unix_ms;
  if (request.experiment != nullptr)
    assign(place.request.experiment ? *place.request.experiment : place.request.experiment.emplace(),
           *request.experiment);
  else
    place.request.experiment.reset();
  return forgotten;
}

std::optional<PastRequest> RecentRequests::find(std::string_view id, std::optional<std::string_view> key) {
  if (id.empty()) return std::nullopt;
  const std::uint64_t hash = hash64(id);
  std::optional<PastRequest> found;
  Time newest;
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    for (std::size_t i = 0; i < shard.hashes.size(); ++i) {
      if (shard.hashes[i].id != hash && shard.hashes[i].completion_id != hash) continue;
      const Place& place = shard.places[i];
      if (place.request.id != id && place.completion_id != id) continue;
      if ((key && place.request.key != *key) || (found && place.time < newest)) continue;
      found = place.request;
      newest = place.time;
    }
  }
  return found;
}

}  // namespace triage
