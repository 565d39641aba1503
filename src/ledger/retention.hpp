#pragma once
// Which files of the journal go, by age and by size, and which are missing that did not go that way.

#include "base/metrics.hpp"
#include "ledger/journal.hpp"
#include "triage/spec.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace triage::ledger {

/// How far the journal's files were removed by the ledger itself, in DIR/retired: what is missing beyond was removed by
/// somebody else. Written in place, so that a full disk does not keep it from being written.
struct Retired {
  std::uint64_t segment = 0;
  std::uint64_t seq = 0;  ///< the last record in them
};
/// Nothing if there is no such file, or it cannot be read.
std::optional<Retired> read_retired(const std::string& folder);
/// 0 or errno.
int write_retired(const std::string& folder, const Retired& retired);

/// What the first line in `segments`, oldest first, is numbered; nothing if there is none.
std::optional<std::uint64_t> first_seq_of(const std::string& folder, const std::vector<Segment>& segments,
                                          std::size_t from = 0);

/// Files of the journal that the ledger did not remove and that are gone: moved away, deleted. Their number, and which:
/// "00000003.jsonl to 00000007.jsonl"; the first hundred ranges.
struct MissingFiles {
  std::uint64_t count = 0;
  std::string names;
};
MissingFiles missing_files(const std::vector<Segment>& segments, const Retired& retired);

/// Of the process that has the directory.
class Retention {
 public:
  Retention(const LedgerSpec& spec, Metrics& metrics);

  /// The directory is ours now. Looks what is missing.
  void begin();
  /// Removes files that are older than `retain`, and the oldest while all have more than `retain_bytes`; never the one
  /// being written, which is ended if it is old enough. `last_seq`: of the last record in the journal.
  void retire(Journal& journal, std::uint64_t last_seq);

 private:
  void note(const Retired& retired);
  void look(const std::vector<Segment>& segments);
  void look_at_clock(std::size_t overdue);

  const LedgerSpec& spec_;
  Counter& overdue_;
  Counter& missing_;
  Counter& disturbed_;
  Counter& failures_;
  Retired retired_;
  std::string told_;  // the missing files that were
  bool is_overdue_ = false;
};

}  // namespace triage::ledger
