#include "ledger/folder.hpp"

#include "ledger/intake.hpp"
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

bool is_ledger(const std::string& folder) {
  const auto is_file = [](const std::string& path) {
    struct stat state {};
    return stat(path.c_str(), &state) == 0 && S_ISREG(state.st_mode);
  };
  return !segments_of(folder).empty() || is_file(folder + "/spool") || is_file(database_path(folder)) ||
         !Spool::aside_to_read(folder).empty();
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
