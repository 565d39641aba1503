#include "ledger/folder.hpp"

#include "ledger/database.hpp"
#include "ledger/intake.hpp"
#include "ledger/journal_reader.hpp"
#include "ledger/sqlite_projection.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>

namespace triage::ledger {
namespace {

std::string lock_path(const std::string& folder) {
  return folder + "/lock";
}

bool is_ours(const std::string& database) {
  if (access(database.c_str(), R_OK) != 0) return false;
  try {
    return Database(database, Database::Mode::read)
               .number("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'requests'") == 1;
  } catch (const DatabaseError&) {
    return false;
  }
}

}  // namespace

Result<FolderLock> FolderLock::take(const std::string& folder) {
  if (const int error = make_folder(folder); error != 0)
    return Error{ErrorCode::internal_error, failure_text(folder, error)};
  const std::string path = lock_path(folder);
  File file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
  if (!file) return Error{ErrorCode::internal_error, failure_text(path, errno)};
  if (flock(file.get(), LOCK_EX | LOCK_NB) == 0) return FolderLock(std::move(file));
  if (errno == EWOULDBLOCK) return Error{ErrorCode::internal_error, folder + ": another process writes there"};
  return Error{ErrorCode::internal_error, failure_text(path, errno)};
}

bool FolderLock::is_taken(const std::string& folder) {
  const File file(open(lock_path(folder).c_str(), O_RDONLY | O_CLOEXEC));
  return file && flock(file.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

// A name alone does not make one: any folder may have a file called spool.
bool is_ledger(const std::string& folder) {
  if (Spool::open_to_read(folder) || !Spool::aside_to_read(folder).empty()) return true;
  JournalReader journal(folder);
  Line line;
  return journal.next(line, true) || is_ours(database_path(folder));
}

Result<Folder> open_folder(const std::string& path, std::uint64_t spool_bytes) {
  auto lock = FolderLock::take(path);
  if (!lock) return lock.error();
  JournalEnd end = journal_end(path);
  // If the journal was removed, or a power cut took its end, the database may have come further, and would take
  // new lines for known ones, by their numbers.
  const Checkpoint known = projected_end(path);
  end.last_seq = std::max(end.last_seq, known.seq);
  end.next_number = std::max(end.next_number, known.at.segment + 1);
  auto spool = Spool::open(path, spool_bytes, end.last_seq);
  if (!spool) return spool.error();
  const std::uint64_t last = std::max(end.last_seq, (*spool)->ring().last_seq());
  auto aside = Spool::left_aside(path);
  for (const auto& left : aside) Intake::settle(left->ring(), last);
  return Folder{std::move(*lock), end, std::move(*spool), std::move(aside), last};
}

}  // namespace triage::ledger
