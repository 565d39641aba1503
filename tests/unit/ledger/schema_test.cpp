// Databases of older versions become today's with their rows; newer ones are left alone.
#include "ledger/schema.hpp"

#include "ledger/projection.hpp"

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

TEST(Schema, HasTheColumnsThatSumsNeed) {
  Database database = in_memory();
  migrate(database, migrations());
  EXPECT_NO_THROW(database.prepare("SELECT " + sums_columns() + " FROM rollups"));
  EXPECT_EQ(read_checkpoint(database), Checkpoint());
}

}  // namespace
}  // namespace triage::ledger
