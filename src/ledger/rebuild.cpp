#include "ledger/rebuild.hpp"

#include "ledger/columns.hpp"
#include "ledger/folder.hpp"
#include "ledger/schema.hpp"
#include "ledger/sqlite_projection.hpp"

#include <sys/stat.h>
#include <cerrno>
#include <cstdio>
#include <stdexcept>

namespace triage::ledger {
namespace {

constexpr std::size_t rebuild_lines = 10'000;
constexpr const char* parts[] = {"", "-wal", "-shm"};

bool exists(const std::string& path) {
  struct stat state {};
  return stat(path.c_str(), &state) == 0;
}

void remove_database(const std::string& path) {
  for (const char* part : parts) std::remove((path + part).c_str());
}

void rename_database(const std::string& from, const std::string& to) {
  remove_database(to);
  for (const char* part : parts)
    if (std::rename((from + part).c_str(), (to + part).c_str()) != 0 && errno != ENOENT)
      throw std::runtime_error(failure_text(to + part, errno));
}

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out.append(c == '\'' ? 2 : 1, c);
  return out + "'";
}

// Finds what the database at `before` has and the one at `made` lacks.
void compare(const std::string& before, const std::string& made, Rebuilt& done) {
  Database database(made, Database::Mode::write);
  database.execute("ATTACH " + quoted(before) + " AS before");
  const std::int64_t version = database.number("SELECT version FROM before.schema_version").value_or(0);
  Kinds::each([&]<class T> {
    if (columns_of<T>().front().since > version) return;
    const std::string table(table_of<T>);
    done.dropped_rows += static_cast<std::uint64_t>(
        database
            .number("SELECT count(*) FROM before." + table + " WHERE seq NOT IN (SELECT seq FROM main." + table + ")")
            .value_or(0));
  });
  const auto rows_dropped = database.number(
      "SELECT count(*) FROM before.requests WHERE shadow_of IS NULL AND seq NOT IN (SELECT seq FROM main.requests)");
  const auto sums_dropped = database.number(
      "SELECT (SELECT coalesce(sum(requests), 0) FROM before.rollups WHERE period_s = 3600) - "
      "(SELECT coalesce(sum(requests), 0) FROM main.rollups WHERE period_s = 3600)");
  const std::int64_t only_sums = sums_dropped.value_or(0) - rows_dropped.value_or(0);
  done.dropped_requests = static_cast<std::uint64_t>(only_sums > 0 ? only_sums : 0);
}

void fill(const std::string& folder, const std::string& made, Rebuilt& done) {
  SqliteProjection projection(made);
  JournalReader journal(folder);
  Entry entry;
  while (true) {
    Batch batch(journal, entry, rebuild_lines, true);
    if (batch.empty()) break;
    projection.write(batch);
    done.lines += batch.lines() - batch.unknown();
    done.unknown += batch.unknown();
  }
  done.damaged = journal.counts().damaged;
}

}  // namespace

Rebuilt rebuild(const std::string& folder) {
  if (!exists(folder)) throw std::runtime_error(failure_text(folder, errno));
  const auto lock = FolderLock::take(folder);
  if (!lock)
    throw std::runtime_error(lock.error().message + "; stop it, or remove ledger.db: it makes a new one by itself");
  const std::string before = database_path(folder);
  const std::string made = before + ".new";
  Rebuilt done;
  remove_database(made);
  fill(folder, made, done);
  if (exists(before)) {
    try {
      compare(before, made, done);
    } catch (const std::exception& error) {
      done.before_problem = error.what();
    }
    if (done.dropped_rows + done.dropped_requests > 0 || !done.before_problem.empty()) {
      done.kept_as = before + ".before";
      rename_database(before, done.kept_as);
    }
  }
  remove_database(before);
  rename_database(made, before);
  return done;
}

}  // namespace triage::ledger
