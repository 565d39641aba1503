#include "ledger/horizon.hpp"

namespace triage::ledger {

Horizon horizon(const std::vector<Segment>& segments, std::int64_t now_unix_ms, std::chrono::milliseconds retain,
                std::chrono::milliseconds step) {
  Horizon out;
  std::int64_t left = retain.count();  // of the retention time
  std::int64_t time = now_unix_ms;
  std::size_t kept = segments.size();
  for (; kept > 0; --kept) {
    const std::int64_t changed = segments[kept - 1].changed_unix_ms;
    const std::int64_t passed = std::clamp<std::int64_t>(time - changed, 0, step.count());
    if (passed >= left) break;
    left -= passed;
    time = changed;
  }
  out.outdated = kept;
  out.begin_unix_ms = time - left;
  const std::int64_t by_clock = now_unix_ms - retain.count();
  for (std::size_t i = kept; i < segments.size(); ++i) out.overdue += segments[i].changed_unix_ms < by_clock;
  return out;
}

}  // namespace triage::ledger
