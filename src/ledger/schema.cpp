#include "ledger/schema.hpp"

#include <stdexcept>

namespace triage::ledger {
namespace {

constexpr std::string_view steps[] = {
    R"(
CREATE TABLE checkpoint (segment INTEGER NOT NULL, offset INTEGER NOT NULL, seq INTEGER NOT NULL);
INSERT INTO checkpoint VALUES (0, 0, 0);
CREATE TABLE requests (
  seq INTEGER PRIMARY KEY, id TEXT, time_unix_ms INTEGER, key TEXT, route TEXT, config_version TEXT, price_version TEXT,
  model_requested TEXT, path TEXT, chain TEXT, tier TEXT, class TEXT, outcome TEXT, error TEXT, status INTEGER,
  finish_reason TEXT, streamed INTEGER, cancelled INTEGER, latency_ms REAL, ttft_ms REAL, overhead_us INTEGER,
  cost_nano_usd INTEGER, frontier_cost_nano_usd INTEGER, experiment TEXT, signals TEXT, content TEXT, prompt TEXT,
  answer TEXT);
CREATE INDEX requests_id ON requests (id);
CREATE INDEX requests_time ON requests (time_unix_ms);
CREATE TABLE attempts (
  seq INTEGER NOT NULL, attempt INTEGER NOT NULL, purpose TEXT, cause TEXT, deployment TEXT, provider TEXT, model TEXT,
  tier TEXT, status INTEGER, error TEXT, start_ms REAL, ttft_ms REAL, latency_ms REAL, tokens_input INTEGER,
  tokens_input_cached INTEGER, tokens_cache_write INTEGER, tokens_output INTEGER, tokens_reasoning INTEGER,
  tokens_input_audio INTEGER, tokens_output_audio INTEGER, usage_source TEXT, cost_nano_usd INTEGER, end TEXT, PRIMARY KEY (seq, attempt)) WITHOUT ROWID;
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
)",
    R"(
ALTER TABLE attempts ADD COLUMN score REAL;
ALTER TABLE attempts ADD COLUMN verdict TEXT;
)",
    R"(
ALTER TABLE requests ADD COLUMN pair TEXT;
ALTER TABLE requests ADD COLUMN shadow_of TEXT;
CREATE INDEX requests_pair ON requests (time_unix_ms) WHERE pair IS NOT NULL;
)",
};

}  // namespace

std::span<const std::string_view> migrations() {
  return steps;
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
