// docs/ledger.md: its SQL runs, and it has every name of the record and of the metrics.
#include "ledger/record_json.hpp"
#include "ledger/schema.hpp"
#include "support/sample_record.hpp"

#include <gtest/gtest.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace triage::ledger {
namespace {

using nlohmann::json;

std::string page() {
  std::ifstream in(TRIAGE_SOURCE_DIR "/docs/ledger.md", std::ios::binary);
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
  EXPECT_EQ(statements, 5);
}

TEST(LedgerPage, HasEveryMember) {
  LedgerRecord record = sample_record("req_1");
  record.content = "full";
  record.signals = {true, true, true, true};
  record.attempts.front().verdict = "a refusal";
  const json written = json::parse(json_of(record));
  const std::string words = page();
  const auto expect_names = [&](const json& object) {
    for (const auto& [name, value] : object.items()) EXPECT_NE(words.find("`" + name + "`"), std::string::npos) << name;
  };
  expect_names(written);
  expect_names(written.at("chain").at(0));
  expect_names(written.at("attempts").at(0));
  expect_names(written.at("attempts").at(0).at("tokens"));
  expect_names(written.at("signals"));
}

}  // namespace
}  // namespace triage::ledger
