#pragma once
// Which part of the journal is due for removal, however the clock jumps.
//
// A file's age is the time from its last change to now. But each span from one file's last change to the next one's,
// and from the last one's to now, counts for at most one step. A longer span is a clock that jumped forward or a
// gateway that did not run, which look alike. Then files are kept longer, which is reported, instead of all being
// removed at once. While a gateway runs it begins a file at least once a step, even an empty one. Pure.

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
  std::size_t outdated = 0;        ///< how many of the oldest files are older than `retain`
  std::size_t overdue = 0;         ///< how many more are older by the clock, which jumped
  std::int64_t begin_unix_ms = 0;  ///< anything before this is older than `retain`
};
/// `segments` must be as segments_of() returns them.
Horizon horizon(const std::vector<Segment>& segments, std::int64_t now_unix_ms, std::chrono::milliseconds retain,
                std::chrono::milliseconds step);

}  // namespace triage::ledger
