#include "ledger/report.hpp"

#include "base/unix_time.hpp"
#include "ledger/journal.hpp"
#include "ledger/source.hpp"
#include "ledger/sqlite_projection.hpp"
#include "ledger/stored_record.hpp"

#include <sys/stat.h>
#include <algorithm>

// Sums are kept by the hour, and for the last two days also by the minute: a report reads the minutes of its first
// hour, and the hours of the rest. Whatever is after the database's checkpoint is read from the journal, record by
// record.

namespace triage::ledger {
namespace {

constexpr std::int64_t minutes_reach_s = 47LL * 3600;  // less than the database keeps

std::string group_of(GroupBy by, std::int64_t start_unix_s, const RollupNames& names) {
  switch (by) {
    case GroupBy::nothing: return {};
    case GroupBy::route: return std::string(names.route);
    case GroupBy::tier: return std::string(names.tier);
    case GroupBy::deployment: return std::string(names.deployment);
    case GroupBy::key: return std::string(names.key);
    case GroupBy::model: return std::string(names.model);
    case GroupBy::day: return utc_text(start_unix_s, "%Y-%m-%d");
  }
  return {};
}

void take(Report& report, std::int64_t start_unix_s, const RollupNames& names, const Sums& sums) {
  if (start_unix_s < report.since_unix_s) return;
  report.total.add(names, sums);
  if (report.by != GroupBy::nothing) report.groups[group_of(report.by, start_unix_s, names)].add(names, sums);
}

void read_sums(Report& report, Database& database, std::int64_t period_s, std::int64_t from, std::int64_t to) {
  Statement row =
      database.prepare("SELECT start_unix_s, route, tier, deployment, key, model, outcome, " + sums_columns() +
                       " FROM rollups WHERE period_s = ? AND start_unix_s >= ? AND start_unix_s < ?");
  row.bind(1, period_s);
  row.bind(2, from);
  row.bind(3, to);
  while (row.step()) {
    Sums sums;
    add_row(sums, row, 7);
    take(report, row.whole(0), {row.text(1), row.text(2), row.text(3), row.text(4), row.text(5), row.text(6)}, sums);
  }
}

// Returns how far the database had come when its sums were read.
Checkpoint read_database(Report& report, const std::string& folder) {
  constexpr std::int64_t for_ever = INT64_MAX;
  Database database(database_path(folder), Database::Mode::read);
  database.execute("BEGIN");  // so that the checkpoint and the sums are from the same moment
  const Checkpoint checkpoint = read_checkpoint(database);
  const std::int64_t first_hour = floor_to(report.since_unix_s + Rollups::hour_s - 1, Rollups::hour_s);
  read_sums(report, database, Rollups::minute_s, report.since_unix_s, first_hour);
  read_sums(report, database, Rollups::hour_s, first_hour, for_ever);
  return checkpoint;
}

void read_journal(Report& report, const std::string& folder, const Checkpoint& from) {
  Source source(folder, from.at, from.seq);
  RecordReader reader;
  StoredRecord record;
  Rollups minutes;
  for (Line line; source.next(line);) {
    ++report.from_journal;
    if (reader.read(line.json, record)) minutes.add(record, Rollups::minute_s);
  }
  minutes.for_each(
      [&](std::int64_t start, const RollupNames& names, const Sums& sums) { take(report, start, names, sums); });
  report.beside_gateway = source.beside_gateway();
}

}  // namespace

void ReportGroup::add(const RollupNames& names, const Sums& more) {
  sums.add(more);
  if (more[Sums::requests] == 0) return;
  outcomes[std::string(names.outcome)] += more[Sums::requests];
  tiers[std::string(names.tier)] += more[Sums::requests];
}

Report make_report(const ReportOptions& options) {
  const bool minutes = options.since_unix_s >= options.now_unix_s - minutes_reach_s;
  Report report;
  report.by = options.by;
  report.since_unix_s = floor_to(options.since_unix_s, minutes ? Rollups::minute_s : Rollups::hour_s);
  report.until_unix_s = options.now_unix_s;
  Checkpoint from;
  try {
    struct stat state {};
    if (stat(database_path(options.folder).c_str(), &state) != 0) throw std::runtime_error("there is no database yet");
    from = read_database(report, options.folder);
  } catch (const std::exception& error) {
    report.total = {};
    report.groups.clear();
    report.database_problem = error.what();
  }
  read_journal(report, options.folder, from);
  return report;
}

}  // namespace triage::ledger
