// docs/ledger.md: its SQL runs, and its tables are those of the fields.
#include "ledger/fields.hpp"
#include "ledger/reference.hpp"
#include "ledger/schema.hpp"

#include <gtest/gtest.h>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace triage::ledger {
namespace {

constexpr const char* page_path = TRIAGE_SOURCE_DIR "/docs/ledger.md";

std::string page() {
  std::ifstream in(page_path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

TEST(LedgerPage, ItsSqlRuns) {
  Database database(":memory:", Database::Mode::write);
  migrate(database, migrations());
  const std::string text = page();
  const std::size_t begin = text.find("```sql\n") + 7;
  std::istringstream sql(text.substr(begin, text.find("```", begin) - begin));
  int statements = 0;
  for (std::string statement; std::getline(sql, statement, ';');) {
    if (statement.find("SELECT") == std::string::npos) continue;
    ++statements;
    EXPECT_NO_THROW(database.prepare(statement).step()) << statement;
  }
  EXPECT_EQ(statements, 6);
}

// TRIAGE_REGENERATE=1 writes the tables instead.
TEST(LedgerPage, HasTheTablesOfTheFields) {
  const std::string begin_mark = "<!-- fields: written by the test page_test -->\n\n";
  std::string text = page();
  const std::size_t begin = text.find(begin_mark);
  const std::size_t end = text.find("<!-- end of fields -->\n");
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  const std::size_t tables = begin + begin_mark.size();
  if (std::getenv("TRIAGE_REGENERATE")) {
    text.replace(tables, end - tables, ledger_reference());
    std::ofstream(page_path, std::ios::binary) << text;
  } else {
    EXPECT_EQ(text.substr(tables, end - tables), ledger_reference());
  }
}

TEST(LedgerPage, SaysWhatEveryFieldIs) {
  Tables::each([]<class T> {
    each_field<T>(
        [](const auto& field) { EXPECT_FALSE(field.text.empty() || field.text.ends_with('.')) << field.name.view(); });
  });
}

}  // namespace
}  // namespace triage::ledger
