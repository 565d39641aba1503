#pragma once
// The journal's records as rows of DIR/ledger.db. Rows, sums and the place in the journal that they reach change in one
// transaction: whatever happens, each record is in the database once or will be.

#include "ledger/database.hpp"
#include "ledger/journal_reader.hpp"
#include "ledger/rollup.hpp"
#include "ledger/stored_record.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace triage::ledger {

struct Checkpoint {
  Position at;
  std::uint64_t seq = 0;
  bool operator==(const Checkpoint&) const = default;
};

std::string database_path(const std::string& folder);
Checkpoint read_checkpoint(Database& database);
/// Of the database below `folder`; all zero if there is none that can be read.
Checkpoint projected_end(const std::string& folder) noexcept;

class Projection {
 public:
  /// Opens, or makes and migrates. Throws DatabaseError, or std::runtime_error for a newer schema.
  explicit Projection(const std::string& folder);

  [[nodiscard]] const Checkpoint& checkpoint() const noexcept { return checkpoint_; }
  /// The version of the schema that the database had, if it was an older one.
  [[nodiscard]] std::int64_t migrated_from() const noexcept { return migrated_from_; }

  /// Writes up to `lines_max` lines of `journal`, which stands at the checkpoint, in one transaction. Returns how many.
  /// Throws DatabaseError: then nothing has changed, and the journal has to be read again from the checkpoint.
  std::size_t take(JournalReader& journal, std::size_t lines_max, bool last);

  /// Removes some of the rows whose sequence number is below `first_seq` or that began before `oldest_unix_ms`, and
  /// sums that no report uses any more. False: nothing was left to remove.
  bool retire(std::uint64_t first_seq, std::int64_t oldest_unix_ms, std::int64_t now_unix_ms);

  /// The file that was opened is still the one of that name.
  [[nodiscard]] bool in_place() const;

 private:
  void prepare();
  bool insert(std::uint64_t seq, const StoredRecord& record);
  void insert_attempt(std::uint64_t seq, std::size_t index, const StoredAttempt& attempt);
  void store(std::int64_t period_s, std::int64_t start, const RollupNames& names, const Sums& sums);
  void store_rollups();

  std::string path_;
  std::uint64_t inode_ = 0;
  Database database_;
  Checkpoint checkpoint_;
  std::int64_t migrated_from_ = 0;
  Statement insert_request_, insert_attempt_, find_rollup_, store_rollup_, move_checkpoint_;
  RecordReader reader_;
  StoredRecord record_;
  Rollups minutes_;
  Rollups hours_;
};

/// Adds the sums of a row of `rollups`, selected as `sums_columns` from `column` on.
void add_row(Sums& sums, const Statement& row, int column);
/// The columns of Sums, counts first.
const std::string& sums_columns();

}  // namespace triage::ledger
