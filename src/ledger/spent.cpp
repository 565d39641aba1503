#include "ledger/spent.hpp"

#include "ledger/journal.hpp"
#include "ledger/schema.hpp"
#include "ledger/source.hpp"
#include "ledger/sqlite_projection.hpp"
#include "ledger/stored_record.hpp"

#include <sys/stat.h>
#include <algorithm>
#include <map>
#include <utility>

namespace triage::ledger {
namespace {

constexpr std::int64_t first_with_pairs = 3;  // schema version
constexpr std::int64_t first_with_grades = 4;

using Spent = std::map<std::pair<std::string, PairKind>, std::int64_t>;

PairKind kind_of_pair(bool shadow) {
  return shadow ? PairKind::shadow : PairKind::ensemble;
}

// Returns how far the database had come.
Checkpoint read_database(Spent& sums, const std::string& folder, std::int64_t since_unix_ms) {
  struct stat state {};
  if (stat(database_path(folder).c_str(), &state) != 0) return {};
  Database database(database_path(folder), Database::Mode::read);
  database.execute("BEGIN");
  const Checkpoint checkpoint = read_checkpoint(database);
  if (schema_version(database) < first_with_pairs) return checkpoint;
  Statement row = database.prepare(
      "SELECT route, shadow_of IS NOT NULL, sum(cost_nano_usd) FROM requests WHERE pair IS NOT NULL AND time_unix_ms "
      ">= "
      "? GROUP BY 1, 2");
  row.bind(1, since_unix_ms);
  while (row.step()) sums[{std::string(row.text(0)), kind_of_pair(row.whole(1) != 0)}] += row.whole(2);
  return checkpoint;
}

// Like read_database().
Checkpoint read_judges(std::map<std::string, std::int64_t>& sums, const std::string& folder,
                       std::int64_t since_unix_ms) {
  struct stat state {};
  if (stat(database_path(folder).c_str(), &state) != 0) return {};
  Database database(database_path(folder), Database::Mode::read);
  database.execute("BEGIN");
  const Checkpoint checkpoint = read_checkpoint(database);
  if (schema_version(database) < first_with_grades) return checkpoint;
  Statement row = database.prepare(
      "SELECT route, sum(cost_nano_usd) FROM grades WHERE grader = 'judge' AND time_unix_ms >= ? GROUP BY 1");
  row.bind(1, since_unix_ms);
  while (row.step()) sums[std::string(row.text(0))] += row.whole(1);
  return checkpoint;
}

}  // namespace

std::map<std::string, std::int64_t> spent_on_judges(const std::string& folder, std::int64_t since_unix_ms) {
  std::map<std::string, std::int64_t> sums;
  const Checkpoint from = read_judges(sums, folder, since_unix_ms);
  Source source(folder, std::max(from.at, first_position(folder, since_unix_ms)), from.seq);
  RecordReader reader;
  Stored<GradeEvent> grade;
  for (Line line; source.next(line);) {
    if (kind_in(line.json) != kind_of<GradeEvent> || !reader.read_as(line.json, grade)) continue;
    if (grade.get<&GradeEvent::grader>() != "judge" ||
        grade.get<&GradeEvent::time_unix_ms>().value_or(0) < since_unix_ms)
      continue;
    sums[std::string(grade.get<&GradeEvent::route>().value_or(""))] +=
        grade.get<&GradeEvent::cost_nano_usd>().value_or(0);
  }
  return sums;
}

std::vector<SpentOnPairs> spent_on_pairs(const std::string& folder, std::int64_t since_unix_ms) {
  Spent sums;
  const Checkpoint from = read_database(sums, folder, since_unix_ms);
  Source source(folder, std::max(from.at, first_position(folder, since_unix_ms)), from.seq);
  RecordReader reader;
  StoredRecord record;
  for (Line line; source.next(line);) {
    if (!reader.read(line.json, record) || !record.get<&LedgerRecord::pair>()) continue;
    if (record.get<&LedgerRecord::time_unix_ms>().value_or(0) < since_unix_ms) continue;
    const PairKind kind = kind_of_pair(record.get<&LedgerRecord::shadow_of>().has_value());
    sums[{std::string(record.get<&LedgerRecord::route>().value_or("")), kind}] +=
        record.get<&LedgerRecord::cost_nano_usd>().value_or(0);
  }
  std::vector<SpentOnPairs> out;
  for (const auto& [of, nano_usd] : sums) out.push_back({of.first, of.second, nano_usd});
  return out;
}

}  // namespace triage::ledger
