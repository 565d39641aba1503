#include "pipeline/live/askers.hpp"

#include "base/hash.hpp"

#include <algorithm>

namespace triage {

Askers::Told Askers::ask(const Asked& asked) {
  const std::uint64_t number = hash64(asked.who, hash64(asked.route, hash64(asked.key)));
  Shard& here = shards_[number % shard_count];
  Told told;
  const std::lock_guard lock(here.mutex);
  Asker* asker = here.by_number.use(number);
  if (asker != nullptr) {
    const auto again = std::ranges::find_if(asker->questions, [&asked](const Question& known) {
      return known.ended <= asked.began && asked.began - known.ended < window &&
             known.print.nearly_same(asked.question);
    });
    if (again != asker->questions.end()) {
      again->ended = asker->last = asked.ended;
      if (again->repeats >= repeats_most) return told;
      ++again->repeats;
      told.retry = true;
      return told;
    }
  }
  told.retry = false;
  if (!asked.answered) return told;
  if (asker == nullptr) {
    here.by_number.put(number, {});
    asker = here.by_number.find(number);
    const std::size_t most = std::max<std::size_t>(1, most_.load(std::memory_order_relaxed) / shard_count);
    while (here.by_number.size() > most) told.forgot |= asked.ended - here.by_number.drop_oldest()->last < window;
  }
  asker->questions[asker->oldest] = {asked.question, asked.ended, 0};
  asker->oldest = static_cast<std::uint8_t>((asker->oldest + 1) % questions_kept);
  asker->last = asked.ended;
  return told;
}

}  // namespace triage
