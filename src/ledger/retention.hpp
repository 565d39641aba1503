#pragma once
// Which files of the journal are to be removed, by age and by size, and which others are missing.

#include "base/metrics.hpp"
#include "ledger/journal.hpp"
#include "triage/spec.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace triage::ledger {

/// How far the ledger itself has removed the journal's files, as stored in DIR/retired. Files missing beyond that were
/// removed by somebody else. It is written in place, so that a full disk does not prevent it.
struct Retired {
  std::uint64_t segment = 0;
  std::uint64_t seq = 0;  ///< the last record in them
};
/// Nothing if the file does not exist or cannot be read.
std::optional<Retired> read_retired(const std::string& folder);
/// Returns 0 or errno.
int write_retired(const std::string& folder, const Retired& retired);

/// The sequence number of the first line in `segments`, oldest first; nothing if there is none.
std::optional<std::uint64_t> first_seq_of(const std::string& folder, const std::vector<Segment>& segments,
                                          std::size_t from = 0);

/// Files of the journal that are gone although the ledger did not remove them: their number, and their names, as in
/// "00000003.jsonl to 00000007.jsonl"; the first hundred ranges.
struct MissingFiles {
  std::uint64_t count = 0;
  std::string names;
};
MissingFiles missing_files(const std::vector<Segment>& segments, const Retired& retired);

/// Used by the process that has the directory.
class Retention {
 public:
  Retention(const LedgerSpec& spec, Metrics& metrics);

  /// Called when the directory has become ours. Checks what is missing.
  void begin();
  /// Removes files older than `retain`, and then the oldest while all together exceed `retain_bytes`, but never the
  /// current one, which is ended if it is old enough. `last_seq`: of the last record in the journal.
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
  std::string told_;  // the missing files last reported
  bool is_overdue_ = false;
};

}  // namespace triage::ledger
