#pragma once
// The ledger's directory, held by one writing process at a time.

#include "ledger/journal.hpp"
#include "ledger/spool.hpp"
#include "triage/error.hpp"

#include <memory>
#include <string>
#include <vector>

namespace triage::ledger {

/// The lock DIR/lock (flock), held while this object lives.
class FolderLock {
 public:
  /// Creates the directory if it does not exist. An error's message has the path and the reason.
  static Result<FolderLock> take(const std::string& folder);
  /// Whether another process writes to `folder`. Changes nothing.
  static bool is_taken(const std::string& folder);

 private:
  explicit FolderLock(File file) : file_(std::move(file)) {}
  File file_;
};

/// Whether `folder` contains a ledger: a line of a journal, a spool, or a database. What only has their names is none.
bool is_ledger(const std::string& folder);

/// A directory ready to be written to.
struct Folder {
  FolderLock lock;
  JournalEnd end;
  std::unique_ptr<Spool> spool;
  /// The spools of processes that ended without the directory; their records are to be moved into `spool`.
  std::vector<std::unique_ptr<Spool>> aside;
  /// The highest sequence number ever used here.
  std::uint64_t last_seq = 0;
};
Result<Folder> open_folder(const std::string& path, std::uint64_t spool_bytes);

}  // namespace triage::ledger
