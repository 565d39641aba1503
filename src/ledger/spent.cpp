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

}  // namespace

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
