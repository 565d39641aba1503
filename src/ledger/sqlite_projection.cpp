#include "ledger/sqlite_projection.hpp"

#include "base/log.hpp"
#include "base/unix_time.hpp"
#include "ledger/columns.hpp"
#include "ledger/schema.hpp"
#include "ledger/spool.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace triage::ledger {
namespace {

constexpr int retire_rows = 5000;  // per transaction

// If the line's key is there already, the line is left alone.
template <class T>
std::string insert_sql() {
  std::string names = std::is_same_v<T, AttemptRecord> ? "seq, attempt" : "seq";
  std::string marks = std::is_same_v<T, AttemptRecord> ? "?,?" : "?";
  for (const Column& column : columns_of<T>()) {
    names += ", " + column.name;
    marks += ",?";
  }
  return "INSERT OR IGNORE INTO " + std::string(table_of<T>) + " (" + names + ") VALUES (" + marks + ")";
}

constexpr std::string_view of_these_names =
    " WHERE period_s = ? AND start_unix_s = ? AND route = ? AND tier = ? AND deployment = ? AND key = ? AND model = ? "
    "AND outcome = ?";
constexpr int name_parameters = 8;

std::string find_rollup_sql() {
  return "SELECT " + sums_columns() + " FROM rollups" + std::string(of_these_names);
}

std::string store_rollup_sql() {
  std::string sql =
      "INSERT OR REPLACE INTO rollups (period_s, start_unix_s, route, tier, deployment, key, model, outcome, " +
      sums_columns() + ") VALUES (?,?,?,?,?,?,?,?";
  for (std::size_t i = 0; i < Sums::count_size + 3; ++i) sql += ",?";
  return sql + ")";
}

void bind_names(Statement& statement, std::int64_t period_s, std::int64_t start, const RollupNames& names) {
  int at = 0;
  statement.bind(++at, period_s);
  statement.bind(++at, start);
  for (const std::string_view name : {names.route, names.tier, names.deployment, names.key, names.model, names.outcome})
    statement.bind(++at, name);
}

std::int64_t signed_of(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

// SQLite would make its new files readable by everybody. Their companion files get the same permissions.
std::string made_for_us(std::string path) {
  const File file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
  return path;
}

template <class... Values>
void bind_all(Statement& statement, const Values&... values) {
  int at = 0;
  (statement.bind(++at, values), ...);
}

}  // namespace

std::string database_path(const std::string& folder) {
  return folder + "/ledger.db";
}

const std::string& sums_columns() {
  static const std::string columns = [] {
    std::string list;
    for (const std::string_view name : count_names) list += std::string(name) + ", ";
    return list + "latency, ttft, overhead";
  }();
  return columns;
}

void add_row(Sums& sums, const Statement& row, int column) {
  for (std::size_t i = 0; i < Sums::count_size; ++i) sums.add(static_cast<Sums::Count>(i), row.whole(column++));
  sums.latency.add_encoded(row.text(column));
  sums.ttft.add_encoded(row.text(column + 1));
  sums.overhead.add_encoded(row.text(column + 2));
}

Checkpoint read_checkpoint(Database& database) {
  Statement statement = database.prepare("SELECT segment, offset, seq FROM checkpoint");
  if (!statement.step()) return {};
  const auto number = [&](int column) { return static_cast<std::uint64_t>(statement.whole(column)); };
  return {{number(0), number(1)}, number(2)};
}

Checkpoint projected_end(const std::string& folder) noexcept {
  try {
    struct stat state {};
    if (stat(database_path(folder).c_str(), &state) != 0) return {};
    Database database(database_path(folder), Database::Mode::read);
    return read_checkpoint(database);
  } catch (const std::exception&) {
    return {};
  }
}

SqliteProjection::SqliteProjection(std::string path)
    : path_(made_for_us(std::move(path))), database_(path_, Database::Mode::write) {
  database_.execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = "
      "-16384");
  const std::int64_t before = migrate(database_, migrations());
  if (before > 0 && before < signed_of(migrations().size())) migrated_from_ = before;
  checkpoint_ = read_checkpoint(database_);
  Tables::each([&]<class T> { std::get<Insert<T>>(inserts_).statement = database_.prepare(insert_sql<T>()); });
  find_rollup_ = database_.prepare(find_rollup_sql());
  store_rollup_ = database_.prepare(store_rollup_sql());
  move_checkpoint_ = database_.prepare("UPDATE checkpoint SET segment = ?, offset = ?, seq = ?");
  struct stat state {};
  if (stat(path_.c_str(), &state) == 0) inode_ = state.st_ino;
}

bool SqliteProjection::in_place() const {
  struct stat state {};
  return stat(path_.c_str(), &state) == 0 && state.st_ino == inode_;
}

void SqliteProjection::write(Batch& batch) {
  minutes_.clear();
  Transaction transaction(database_);
  if (read_checkpoint(database_) != checkpoint_) throw std::runtime_error(path_ + ": another process writes it");
  while (const Entry* const entry = batch.next())
    entry->visit([&]<class T>(const Stored<T>& stored) {
      if (!insert(entry->seq(), stored)) return;
      if constexpr (std::is_same_v<T, LedgerRecord>) {
        insert_attempts(entry->seq(), stored.template get<&LedgerRecord::attempts>().rows);
        minutes_.add(stored, Rollups::minute_s);
      }
    });
  store_rollups();
  const Checkpoint reached = batch.reached();
  bind_all(move_checkpoint_, signed_of(reached.at.segment), signed_of(reached.at.offset), signed_of(reached.seq));
  move_checkpoint_.run();
  transaction.commit();
  checkpoint_ = reached;
}

// False: it was there already.
template <class T>
bool SqliteProjection::insert(std::uint64_t seq, const Stored<T>& stored) {
  Statement& statement = std::get<Insert<T>>(inserts_).statement;
  int at = 0;
  statement.bind(++at, signed_of(seq));
  each_column(stored, [&](const auto& value) { statement.bind(++at, value); });
  statement.run();
  return database_.changed() > 0;
}

void SqliteProjection::insert_attempts(std::uint64_t seq, const std::vector<StoredAttempt>& attempts) {
  Statement& statement = std::get<Insert<AttemptRecord>>(inserts_).statement;
  for (std::size_t i = 0; i < attempts.size(); ++i) {
    int at = 0;
    statement.bind(++at, signed_of(seq));
    statement.bind(++at, signed_of(i));
    each_column(attempts[i], [&](const auto& value) { statement.bind(++at, value); });
    statement.run();
  }
}

void SqliteProjection::store_rollups() {
  hours_.clear();
  minutes_.for_each([&](std::int64_t start, const RollupNames& names, const Sums& sums) {
    store(Rollups::minute_s, start, names, sums);
    hours_.add(floor_to(start, Rollups::hour_s), names, sums);
  });
  hours_.for_each([&](std::int64_t start, const RollupNames& names, const Sums& sums) {
    store(Rollups::hour_s, start, names, sums);
  });
}

// Adds to the stored sums.
void SqliteProjection::store(std::int64_t period_s, std::int64_t start, const RollupNames& names, const Sums& added) {
  Sums sums = added;
  bind_names(find_rollup_, period_s, start, names);
  if (find_rollup_.step()) add_row(sums, find_rollup_, 0);
  find_rollup_.reset();
  bind_names(store_rollup_, period_s, start, names);
  int at = name_parameters;
  for (const std::int64_t count : sums.counts) store_rollup_.bind(++at, count);
  const std::string histograms[] = {sums.latency.encode(), sums.ttft.encode(), sums.overhead.encode()};
  for (const std::string& histogram : histograms) store_rollup_.bind_blob(++at, histogram);
  store_rollup_.run();
}

template <class T>
std::vector<std::int64_t> SqliteProjection::outdated_rows(const Outdated& outdated) {
  Statement old = database_.prepare("SELECT seq FROM (SELECT seq, time_unix_ms FROM " + std::string(table_of<T>) +
                                    " ORDER BY seq LIMIT ?) WHERE seq <= ? OR (seq < ? AND time_unix_ms < ?)");
  bind_all(old, std::int64_t{retire_rows}, signed_of(outdated.seq), signed_of(outdated.first_seq),
           outdated.begin_unix_ms);
  std::vector<std::int64_t> found;
  while (old.step()) found.push_back(old.whole(0));
  return found;
}

bool SqliteProjection::retire(const Outdated& outdated) {
  Transaction transaction(database_);
  bool any = false;
  Kinds::each([&]<class T> {
    if constexpr (std::is_same_v<T, ExperimentEvent>) return;  // few, and kept as long as there is a database
    const std::vector<std::int64_t> gone = outdated_rows<T>(outdated);
    any = any || !gone.empty();
    remove_rows(table_of<T>, gone);
    if constexpr (std::is_same_v<T, LedgerRecord>) remove_rows(table_of<AttemptRecord>, gone);
  });
  Statement remove = database_.prepare("DELETE FROM rollups WHERE period_s = ? AND start_unix_s < ?");
  bind_all(remove, Rollups::minute_s,
           std::max(outdated.minutes_unix_ms, outdated.begin_unix_ms) / 1000 - Rollups::minute_s);
  remove.run();
  bind_all(remove, Rollups::hour_s, outdated.begin_unix_ms / 1000 - Rollups::hour_s);
  remove.run();
  transaction.commit();
  return any;
}

void SqliteProjection::remove_rows(std::string_view table, const std::vector<std::int64_t>& seqs) {
  Statement remove = database_.prepare("DELETE FROM " + std::string(table) + " WHERE seq = ?");
  for (const std::int64_t seq : seqs) {
    remove.bind(1, seq);
    remove.run();
  }
}

ProjectionTarget sqlite_target(const std::string& folder) {
  const std::string path = database_path(folder);
  const auto open = [path] {
    auto projection = std::make_unique<SqliteProjection>(path);
    if (projection->migrated_from() > 0)
      log::info("the ledger's database was brought up from version " + std::to_string(projection->migrated_from()));
    return projection;
  };
  const auto failed = [path](const std::exception& error) {
    const auto* const of_database = dynamic_cast<const DatabaseError*>(&error);
    if (!of_database || !of_database->damaged()) return;
    log::error("the ledger's database is damaged: it is now ledger.db.damaged, and made anew from the journal");
    std::rename(path.c_str(), (path + ".damaged").c_str());
    for (const char* companion : {"-wal", "-shm"}) std::remove((path + companion).c_str());
  };
  return {open, failed};
}

}  // namespace triage::ledger
