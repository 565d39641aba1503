// Databases of older versions become today's with their rows; newer ones are left alone.
#include "ledger/schema.hpp"

#include "ledger/sqlite_projection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <stdexcept>

namespace triage::ledger {
namespace {

constexpr std::array<std::string_view, 3> steps{
    "CREATE TABLE t (a INTEGER)",
    "ALTER TABLE t ADD COLUMN b INTEGER DEFAULT 7",
    "CREATE TABLE u AS SELECT a + b AS c FROM t",
};

std::span<const std::string_view> up_to(std::size_t count) {
  return std::span(steps).first(count);
}

Database in_memory() {
  return {":memory:", Database::Mode::write};
}

TEST(Schema, ARowOutlivesEveryUpgrade) {
  Database database = in_memory();
  EXPECT_EQ(schema_version(database), 0);
  EXPECT_EQ(migrate(database, up_to(1)), 0);
  database.execute("INSERT INTO t VALUES (1)");
  EXPECT_EQ(migrate(database, up_to(2)), 1);
  EXPECT_EQ(migrate(database, up_to(3)), 2);
  EXPECT_EQ(schema_version(database), 3);
  EXPECT_EQ(database.number("SELECT c FROM u"), 8);
  EXPECT_EQ(migrate(database, up_to(3)), 3) << "nothing is left to do";
}

TEST(Schema, AStepThatFailsChangesNothing) {
  Database database = in_memory();
  migrate(database, up_to(1));
  const std::array<std::string_view, 2> broken{steps[0], "INSERT INTO t VALUES (5); CREATE TABEL x (y)"};
  EXPECT_THROW(migrate(database, broken), DatabaseError);
  EXPECT_EQ(schema_version(database), 1);
  EXPECT_EQ(database.number("SELECT count(*) FROM t"), 0);
}

TEST(Schema, ANewerDatabaseIsRefused) {
  Database database = in_memory();
  migrate(database, up_to(3));
  EXPECT_THROW(migrate(database, up_to(2)), std::runtime_error);
  EXPECT_EQ(schema_version(database), 3);
}

TEST(Schema, TheFirstVersionsRowsAreThereInThisOne) {
  Database database = in_memory();
  migrate(database, migrations().first(1));
  database.execute("INSERT INTO attempts (seq, attempt, end) VALUES (1, 0, 'completed')");
  EXPECT_EQ(migrate(database, migrations()), 1);
  EXPECT_EQ(database.number("SELECT count(*) FROM attempts WHERE end = 'completed' AND verdict IS NULL"), 1);
}

std::string columns_of_table(Database& database, const std::string& table) {
  std::string out;
  for (Statement row = database.prepare("PRAGMA table_info(" + table + ")"); row.step();)
    (out += out.empty() ? "" : " ") += std::string(row.text(1)) + ":" + std::string(row.text(2));
  return out;
}

// Outsiders' queries name them; `SELECT *` counts on their order. New ones come behind.
TEST(Schema, HasTheColumnsThatItAlwaysHad) {
  using testing::StartsWith;
  Database database = in_memory();
  migrate(database, migrations());
  EXPECT_THAT(
      columns_of_table(database, "requests"),
      StartsWith(
          "seq:INTEGER id:TEXT time_unix_ms:INTEGER key:TEXT route:TEXT config_version:TEXT price_version:TEXT "
          "model_requested:TEXT path:TEXT chain:TEXT tier:TEXT class:TEXT outcome:TEXT error:TEXT status:INTEGER "
          "finish_reason:TEXT streamed:INTEGER cancelled:INTEGER latency_ms:REAL ttft_ms:REAL overhead_us:INTEGER "
          "cost_nano_usd:INTEGER frontier_cost_nano_usd:INTEGER experiment:TEXT signals:TEXT content:TEXT "
          "prompt:TEXT answer:TEXT pair:TEXT shadow_of:TEXT"));
  EXPECT_THAT(
      columns_of_table(database, "attempts"),
      StartsWith(
          "seq:INTEGER attempt:INTEGER purpose:TEXT cause:TEXT deployment:TEXT provider:TEXT model:TEXT tier:TEXT "
          "status:INTEGER error:TEXT start_ms:REAL ttft_ms:REAL latency_ms:REAL tokens_input:INTEGER "
          "tokens_input_cached:INTEGER tokens_cache_write:INTEGER tokens_output:INTEGER tokens_reasoning:INTEGER "
          "tokens_input_audio:INTEGER tokens_output_audio:INTEGER usage_source:TEXT cost_nano_usd:INTEGER end:TEXT "
          "score:REAL verdict:TEXT"));
}

// What version three was, before the table of fields: upgraded, it is what a new one is.
TEST(Schema, AnUpgradedDatabaseIsLikeANewOne) {
  Database fresh = in_memory();
  migrate(fresh, migrations());
  for (std::size_t version = 1; version < migrations().size(); ++version) {
    Database old = in_memory();
    migrate(old, migrations().first(version));
    migrate(old, migrations());
    for (const char* table : {"requests", "attempts", "feedback", "grades", "experiment_decisions", "rollups"})
      EXPECT_EQ(columns_of_table(old, table), columns_of_table(fresh, table)) << version;
  }
}

TEST(Schema, HasTheColumnsThatSumsNeed) {
  Database database = in_memory();
  migrate(database, migrations());
  EXPECT_NO_THROW(database.prepare("SELECT " + sums_columns() + " FROM rollups"));
  EXPECT_EQ(read_checkpoint(database), Checkpoint());
}

}  // namespace
}  // namespace triage::ledger
