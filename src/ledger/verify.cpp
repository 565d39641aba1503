#include "ledger/verify.hpp"

#include "ledger/folder.hpp"
#include "ledger/journal.hpp"
#include "ledger/projection.hpp"
#include "ledger/source.hpp"

#include <sys/stat.h>
#include <algorithm>
#include <cstdio>
#include <optional>
#include <stdexcept>

namespace triage::ledger {
namespace {

constexpr std::size_t places_most = 20;
constexpr std::size_t rebuild_lines = 10'000;

// The rows of the database in step with the lines of the journal.
class Rows {
 public:
  explicit Rows(const std::string& folder, Verified& found) : found_(found) {
    struct stat state {};
    if (stat(database_path(folder).c_str(), &state) != 0) return;
    try {
      database_.emplace(database_path(folder), Database::Mode::read);
      database_->execute("BEGIN");
      check_integrity();
      found_.database_seq = read_checkpoint(*database_).seq;
      rows_ = database_->prepare("SELECT seq FROM requests ORDER BY seq");
      step();
    } catch (const std::exception& error) {
      found_.database_problem = error.what();
      found_.database_seq = 0;
    }
  }

  void has(std::uint64_t seq) {
    if (seq > found_.database_seq) return;
    // Rows before the journal's first line are of segments that are gone.
    for (; row_ && *row_ < seq; step()) found_.rows_unknown += found_.first_seq < seq;
    if (row_ == seq)
      step();
    else
      ++found_.rows_missing;
  }
  void end() {
    for (; row_; step()) ++found_.rows_unknown;
  }

 private:
  void check_integrity() {
    Statement check = database_->prepare("PRAGMA integrity_check(1)");
    if (check.step() && check.text(0) != "ok") throw std::runtime_error(std::string(check.text(0)));
  }
  void step() {
    row_.reset();
    try {
      if (rows_.step()) row_ = static_cast<std::uint64_t>(rows_.whole(0));
    } catch (const DatabaseError& error) {
      found_.database_problem = error.what();
    }
  }

  Verified& found_;
  std::optional<Database> database_;
  Statement rows_;
  std::optional<std::uint64_t> row_;
};

void note(Verified& found, const Position& before, std::uint64_t lines) {
  if (lines == 0 || found.places.size() == places_most) return;
  char text[100];
  std::snprintf(text, sizeof text, "%08llu.jsonl, behind byte %llu: %llu",
                static_cast<unsigned long long>(before.segment), static_cast<unsigned long long>(before.offset),
                static_cast<unsigned long long>(lines));
  found.places.emplace_back(text);
}

}  // namespace

Verified verify(const std::string& folder) {
  Verified found;
  for (const Segment& segment : segments_of(folder)) {
    ++found.segments;
    found.bytes += segment.bytes;
  }
  Rows rows(folder, found);
  Source source(folder);
  Position before{1, 0};
  for (Line line;;) {
    const std::uint64_t damaged = source.counts().damaged;
    const bool more = source.next(line);
    note(found, before, source.counts().damaged - damaged);
    before = source.position();
    if (!more) break;
    if (found.records++ == 0) found.first_seq = line.seq;
    found.last_seq = line.seq;
    rows.has(line.seq);
  }
  rows.end();
  found.in_spool = source.from_spool();
  found.torn = source.counts().torn;
  found.damaged = source.counts().damaged;
  found.repeated = source.counts().repeated;
  found.missing = source.missing();
  found.beside_gateway = source.beside_gateway();
  return found;
}

Rebuilt rebuild(const std::string& folder) {
  struct stat state {};
  if (stat(folder.c_str(), &state) != 0) throw std::runtime_error(failure_text(folder, errno));
  const auto lock = FolderLock::take(folder);
  if (!lock)
    throw std::runtime_error(lock.error().message + "; stop it, or remove ledger.db: it makes a new one by itself");
  for (const char* part : {"", "-wal", "-shm"}) std::remove((database_path(folder) + part).c_str());
  Projection projection(folder);
  JournalReader journal(folder);
  Rebuilt done;
  while (const std::size_t lines = projection.take(journal, rebuild_lines, true)) done.records += lines;
  done.damaged = journal.counts().damaged;
  return done;
}

}  // namespace triage::ledger
