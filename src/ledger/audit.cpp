#include "ledger/audit.hpp"

#include "ledger/columns.hpp"
#include "ledger/journal.hpp"
#include "ledger/retention.hpp"
#include "ledger/schema.hpp"
#include "ledger/source.hpp"
#include "ledger/sqlite_projection.hpp"

#include <sys/stat.h>
#include <algorithm>
#include <cstdio>
#include <optional>
#include <stdexcept>

namespace triage::ledger {
namespace {

constexpr std::size_t places_most = 20;

// All rows that the database has for lines, in the order of their numbers.
std::string rows_sql(std::int64_t schema_version) {
  std::string sql;
  Kinds::each([&]<class T> {
    if (columns_of<T>().front().since > schema_version) return;
    sql += (sql.empty() ? "SELECT seq FROM " : " UNION ALL SELECT seq FROM ") + std::string(table_of<T>);
  });
  return sql + " ORDER BY seq";
}

// Walks the database's rows in step with the journal's lines.
class Rows {
 public:
  /// `retired`: how far the ledger itself removed its journal; nothing if unknown. It may change.
  Rows(const std::string& folder, const std::optional<Retired>& retired, Audit& found)
      : found_(found), retired_(retired) {
    struct stat state {};
    if (stat(database_path(folder).c_str(), &state) != 0) return;
    try {
      database_.emplace(database_path(folder), Database::Mode::read);
      database_->execute("BEGIN");
      check_integrity();
      found_.database_seq = read_checkpoint(*database_).seq;
      rows_ = database_->prepare(rows_sql(schema_version(*database_)));
      step();
    } catch (const std::exception& error) {
      found_.database_problem = error.what();
      found_.database_seq = 0;
    }
  }

  void has(std::uint64_t seq) {
    if (seq > found_.database_seq) return;
    for (; row_ && *row_ < seq; step()) pass();
    if (row_ == seq)
      step();
    else
      found_.rows_missing += !retired_ || seq > retired_->seq;  // otherwise its file is about to be removed
  }
  void end() {
    for (; row_; step()) pass();
  }

 private:
  void check_integrity() {
    Statement check = database_->prepare("PRAGMA integrity_check(1)");
    if (check.step() && check.text(0) != "ok") throw std::runtime_error(std::string(check.text(0)));
  }
  // Counts a row without a line. Rows of files that the ledger removed may stay for a while.
  void pass() { found_.rows_unknown += *row_ > (retired_ ? retired_->seq : found_.first_seq); }
  void step() {
    row_.reset();
    try {
      if (rows_.step()) row_ = static_cast<std::uint64_t>(rows_.whole(0));
    } catch (const DatabaseError& error) {
      found_.database_problem = error.what();
    }
  }

  Audit& found_;
  const std::optional<Retired>& retired_;
  std::optional<Database> database_;
  Statement rows_;
  std::optional<std::uint64_t> row_;
};

void note(Audit& found, const Position& before, std::uint64_t lines) {
  if (lines == 0 || found.places.size() == places_most) return;
  char text[100];
  std::snprintf(text, sizeof text, "%08llu.jsonl, behind byte %llu: %llu",
                static_cast<unsigned long long>(before.segment), static_cast<unsigned long long>(before.offset),
                static_cast<unsigned long long>(lines));
  found.places.emplace_back(text);
}

// Checks which files are there, and which should be.
std::optional<Retired> look_at_files(const std::string& folder, Audit& found) {
  const std::vector<Segment> segments = segments_of(folder);
  for (const Segment& segment : segments) {
    ++found.segments;
    found.bytes += segment.bytes;
  }
  const auto retired = read_retired(folder);
  const MissingFiles missing = retired ? missing_files(segments, *retired) : MissingFiles();
  found.missing_files = missing.count;
  found.missing_names = missing.names;
  return retired;
}

// False: the kind is unknown.
bool count(Audit& found, std::string_view kind) {
  bool known = false;
  Kinds::each([&]<class T> { known = known || kind == kind_of<T>; });
  ++(known ? found.kinds : found.unknown)[std::string(kind)];
  return known;
}

}  // namespace

Audit audit(const std::string& folder) {
  Audit found;
  auto retired = look_at_files(folder, found);
  Rows rows(folder, retired, found);
  Source source(folder);
  Position before{1, 0};
  for (Line line;;) {
    const std::uint64_t damaged = source.counts().damaged;
    const bool more = source.next(line);
    note(found, before, source.counts().damaged - damaged);
    before = source.position();
    if (!more) break;
    if (found.lines++ == 0) {
      found.first_seq = line.seq;
      if (retired) retired = read_retired(folder);  // files may have been removed meanwhile
      if (retired && line.seq > retired->seq + 1) found.missing += line.seq - retired->seq - 1;
    }
    found.last_seq = line.seq;
    if (count(found, kind_in(line.json))) rows.has(line.seq);
  }
  rows.end();
  found.in_spool = source.from_spool();
  found.torn = source.counts().torn;
  found.damaged = source.counts().damaged;
  found.repeated = source.counts().repeated;
  found.missing += source.missing();
  found.beside_gateway = source.beside_gateway();
  return found;
}

}  // namespace triage::ledger
