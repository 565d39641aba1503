#include "ledger/schema.hpp"

#include "ledger/columns.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

// A step has the columns that came with its version, from the tables of fields.hpp, and the statements here.

namespace triage::ledger {
namespace {

constexpr std::string_view others[] = {
    R"(
CREATE TABLE checkpoint (segment INTEGER NOT NULL, offset INTEGER NOT NULL, seq INTEGER NOT NULL);
INSERT INTO checkpoint VALUES (0, 0, 0);
CREATE INDEX requests_id ON requests (id);
CREATE INDEX requests_time ON requests (time_unix_ms);
CREATE TABLE rollups (
  period_s INTEGER NOT NULL, start_unix_s INTEGER NOT NULL, route TEXT NOT NULL, tier TEXT NOT NULL,
  deployment TEXT NOT NULL, key TEXT NOT NULL, model TEXT NOT NULL, outcome TEXT NOT NULL,
  requests INTEGER NOT NULL, attempts INTEGER NOT NULL, retries INTEGER NOT NULL, fallbacks INTEGER NOT NULL,
  hedges INTEGER NOT NULL, escalations INTEGER NOT NULL, refusals INTEGER NOT NULL, estimated INTEGER NOT NULL,
  tokens_input INTEGER NOT NULL, tokens_input_cached INTEGER NOT NULL, tokens_cache_write INTEGER NOT NULL,
  tokens_output INTEGER NOT NULL, tokens_reasoning INTEGER NOT NULL, cost_nano_usd INTEGER NOT NULL,
  cost_unknown INTEGER NOT NULL, frontier_cost_nano_usd INTEGER NOT NULL, frontier_unknown INTEGER NOT NULL,
  latency BLOB NOT NULL, ttft BLOB NOT NULL, overhead BLOB NOT NULL,
  PRIMARY KEY (period_s, start_unix_s, route, tier, deployment, key, model, outcome)) WITHOUT ROWID;
)", "", "CREATE INDEX requests_pair ON requests (time_unix_ms) WHERE pair IS NOT NULL;",
    R"(
CREATE INDEX feedback_id ON feedback (id);
CREATE INDEX grades_id ON grades (id);
)", "", "CREATE INDEX requests_completion ON requests (completion_id, key) WHERE completion_id IS NOT NULL;",
};

// The statements that change the table in that version.
template <class T>
std::string table_step(int version) {
  std::vector<Column> columns = columns_of<T>();
  const int first = std::ranges::min_element(columns, {}, &Column::since)->since;
  std::erase_if(columns, [&](const Column& column) { return column.since != version; });
  const std::string table(table_of<T>);
  std::string sql;
  for (const Column& column : columns) {
    const std::string defined = column.name + " " + std::string(column.type);
    sql += version == first ? ", " + defined : "ALTER TABLE " + table + " ADD COLUMN " + defined + ";\n";
  }
  if (version != first) return sql;
  const bool rows = std::is_same_v<T, AttemptRecord>;
  return "CREATE TABLE " + table +
         (rows ? " (seq INTEGER NOT NULL, attempt INTEGER NOT NULL" : " (seq INTEGER PRIMARY KEY") + sql +
         (rows ? ", PRIMARY KEY (seq, attempt)) WITHOUT ROWID;\n" : ");\n");
}

template <class T>
int newest_of() {
  const std::vector<Column> columns = columns_of<T>();
  return std::ranges::max_element(columns, {}, &Column::since)->since;
}

std::vector<std::string> all_steps() {
  int newest = static_cast<int>(std::size(others));
  Tables::each([&]<class T> { newest = std::max(newest, newest_of<T>()); });
  std::vector<std::string> steps;
  for (int version = 1; version <= newest; ++version) {
    std::string& step = steps.emplace_back();
    Tables::each([&]<class T> { step += table_step<T>(version); });
    if (const auto at = static_cast<std::size_t>(version - 1); at < std::size(others)) step += others[at];
  }
  return steps;
}

}  // namespace

std::span<const std::string_view> migrations() {
  static const std::vector<std::string> steps = all_steps();
  static const std::vector<std::string_view> views(steps.begin(), steps.end());
  return views;
}

std::int64_t schema_version(Database& database) {
  if (database.number("SELECT count(*) FROM sqlite_schema WHERE name = 'schema_version'") == 0) return 0;
  return database.number("SELECT version FROM schema_version").value_or(0);
}

std::int64_t migrate(Database& database, std::span<const std::string_view> to) {
  const std::int64_t found = schema_version(database);
  const auto newest = static_cast<std::int64_t>(to.size());
  if (found > newest)
    throw std::runtime_error("the database has version " + std::to_string(found) +
                             " of the schema, this program knows " + std::to_string(newest) +
                             ": use the newer program, or `triage ledger rebuild`");
  for (std::int64_t version = found; version < newest; ++version) {
    Transaction transaction(database);
    if (version == 0)
      database.execute(
          "CREATE TABLE schema_version (version INTEGER NOT NULL);"
          "INSERT INTO schema_version VALUES (0)");
    database.execute(std::string(to[static_cast<std::size_t>(version)]));
    database.execute("UPDATE schema_version SET version = " + std::to_string(version + 1));
    transaction.commit();
  }
  return found;
}

}  // namespace triage::ledger
