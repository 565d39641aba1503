#pragma once
// The journal's lines as rows of DIR/ledger.db. Rows, sums and the position in the journal that they reach change in
// one transaction: whatever happens, each line is in the database once, or will be.

#include "ledger/database.hpp"
#include "ledger/projection.hpp"
#include "ledger/rollup.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace triage::ledger {

std::string database_path(const std::string& folder);
Checkpoint read_checkpoint(Database& database);
/// The checkpoint of the database in `folder`; all zero if there is none that can be read.
Checkpoint projected_end(const std::string& folder) noexcept;

class SqliteProjection final : public Projection {
 public:
  /// Opens, or creates, and migrates. Throws DatabaseError, or std::runtime_error for a newer schema, as the other
  /// methods do.
  explicit SqliteProjection(std::string path);

  [[nodiscard]] const Checkpoint& checkpoint() const noexcept override { return checkpoint_; }
  void write(Batch& batch) override;
  bool retire(const Outdated& outdated) override;
  /// Whether the file that was opened still has its name.
  [[nodiscard]] bool in_place() const override;

  /// The version of the schema that the database had, if it was older.
  [[nodiscard]] std::int64_t migrated_from() const noexcept { return migrated_from_; }

 private:
  template <class T>
  struct Insert {
    Statement statement;
  };

  template <class T>
  bool insert(std::uint64_t seq, const Stored<T>& stored);
  void insert_attempts(std::uint64_t seq, const std::vector<StoredAttempt>& attempts);
  void store(std::int64_t period_s, std::int64_t start, const RollupNames& names, const Sums& sums);
  void store_rollups();
  template <class T>
  std::vector<std::int64_t> outdated_rows(const Outdated& outdated);
  void remove_rows(std::string_view table, const std::vector<std::int64_t>& seqs);

  std::string path_;
  std::uint64_t inode_ = 0;
  Database database_;
  Checkpoint checkpoint_;
  std::int64_t migrated_from_ = 0;
  Tables::Tuple<Insert> inserts_;
  Statement find_rollup_, store_rollup_, move_checkpoint_;
  Rollups minutes_;
  Rollups hours_;
};

/// DIR/ledger.db. A damaged file is renamed to ledger.db.damaged.
ProjectionTarget sqlite_target(const std::string& folder);

/// Adds the sums of a row of `rollups`, selected as `sums_columns` from `column` on.
void add_row(Sums& sums, const Statement& row, int column);
/// The columns of Sums, counts first.
const std::string& sums_columns();

}  // namespace triage::ledger
