#pragma once
// What of the journal has had its time, however the clock jumps.
//
// A file is as old as the time between its last change and now. But from one file's last change to the next one's, and
// from the last one's to now, at most a step counts: more than that is a clock that jumped forward, or a gateway that
// did not run, which look alike. Then files are kept longer, which is told, instead of all going at once. While a
// gateway runs it begins a file at least once a step, even an empty one. Pure.

#include "ledger/journal.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace triage::ledger {

/// The largest step of time that counts.
constexpr std::chrono::milliseconds step_of(std::chrono::milliseconds retain) {
  return std::max<std::chrono::milliseconds>(retain / 10, std::chrono::minutes(10));
}

struct Horizon {
  std::size_t outdated = 0;        ///< so many files, the oldest, are older than `retain`
  std::size_t overdue = 0;         ///< so many more are by the clock, but it jumped
  std::int64_t begin_unix_ms = 0;  ///< what is from before is older than `retain`
};
/// `segments` as segments_of() returns them.
Horizon horizon(const std::vector<Segment>& segments, std::int64_t now_unix_ms, std::chrono::milliseconds retain,
                std::chrono::milliseconds step);

}  // namespace triage::ledger
