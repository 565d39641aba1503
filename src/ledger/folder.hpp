#pragma once
// The ledger's directory, held by one writing process at a time.

#include "ledger/journal.hpp"
#include "ledger/spool.hpp"
#include "triage/error.hpp"

#include <memory>
#include <string>
#include <vector>

namespace triage::ledger {

/// DIR/lock, locked (flock) while this lives.
class FolderLock {
 public:
  /// Makes the directory if it is not there. An error's message has the path and the reason.
  static Result<FolderLock> take(const std::string& folder);
  /// Nothing if another process writes there; changes nothing.
  static bool is_taken(const std::string& folder);

 private:
  explicit FolderLock(File file) : file_(std::move(file)) {}
  File file_;
};

/// Whether a ledger has been kept in `folder`: there is a journal with a file in it, a spool, or a database.
bool is_ledger(const std::string& folder);

/// A directory ready to be written to.
struct Folder {
  FolderLock lock;
  JournalEnd end;
  std::unique_ptr<Spool> spool;
  /// Of processes that have ended without the directory: their records are to be moved into `spool`.
  std::vector<std::unique_ptr<Spool>> aside;
  /// The highest sequence number that was ever used here.
  std::uint64_t last_seq = 0;
};
Result<Folder> open_folder(const std::string& path, std::uint64_t spool_bytes);

}  // namespace triage::ledger
