// Feedback, grades and decisions of experiments beside the records of requests.
#include "integration/ledger/ledger_fixture.hpp"
#include "ledger/audit.hpp"
#include "ledger/export.hpp"
#include "ledger/rebuild.hpp"
#include "ledger/report.hpp"

#include <algorithm>

namespace triage::ledger {
namespace {

void keep_both(Running& process, int begin, int end) {
  for (int i = begin; i < end; ++i) {
    process.keep(i, i + 1);
    EXPECT_TRUE(process.ledger.keep(sample_event(id_of(i), static_cast<std::uint64_t>(i))));
  }
}

std::int64_t rows(const std::string& folder, const std::string& of) {
  Database database(database_path(folder), Database::Mode::read);
  return database.number("SELECT count(*) FROM " + of).value_or(-1);
}

std::string exported(const ExportOptions& options) {
  std::string all;
  export_records(options, [&](std::string_view lines) {
    all += lines;
    return true;
  });
  return all;
}

// Adds a line behind the journal's last one, as a newer version might have.
void append_newer(const std::string& segment, std::uint64_t seq) {
  std::string line;
  append_line(line, R"({"v":1,"kind":"hologram","id":"req_1")", seq);
  std::ofstream(segment, std::ios::app | std::ios::binary) << line;
}

class Events : public LedgerTest {
 protected:
  Events() { spec.segment = {1 << 20}; }
};

TEST_F(Events, AreRowsOfTheirOwn) {
  Running process(spec);
  keep_both(process, 0, 30);
  process.ledger.stop();
  EXPECT_EQ(rows_of(path()), ids(0, 30));
  EXPECT_EQ(rows(path(), "feedback"), 10);
  EXPECT_EQ(rows(path(), "grades WHERE grader = 'judge' AND score = 0.75 AND cost_nano_usd = 1200000"), 10);
  EXPECT_EQ(rows(path(),
                 "experiment_decisions WHERE name = 'cheaper-threshold' AND action = 'rollback' AND share = 0 AND "
                 "figures ->> '$.wealth' = 21.5"),
            10);
  EXPECT_EQ(rows(path(),
                 "feedback JOIN requests USING (id) WHERE feedback.id = 'req_3' AND thumb = 'down' AND "
                 "feedback.score = 0.25 AND task_completed = 0 AND corrected = '42'"),
            1);
  EXPECT_EQ(process.counter("triage_ledger_records_total"), 30);
  EXPECT_EQ(process.counter("triage_ledger_events_total", {{"kind", "feedback"}}), 10);
  const Audit found = audit(path());
  EXPECT_TRUE(found.ok());
  EXPECT_EQ(found.lines, 60U);
  EXPECT_EQ(found.kinds, (std::map<std::string, std::uint64_t>{
                             {"request", 30}, {"feedback", 10}, {"grade", 10}, {"experiment", 10}}));
}

TEST_F(Events, AreNoRequestsInReportsAndComeAgainInARebuild) {
  {
    Running process(spec);
    keep_both(process, 0, 30);
    process.ledger.stop();
  }
  const auto requests = [&] {
    const std::int64_t now = std::time(nullptr);
    return make_report({path(), now - 3600, now, GroupBy::nothing}).total.sums[Sums::requests];
  };
  EXPECT_EQ(requests(), 30);
  EXPECT_EQ(rebuild(path()).lines, 60U);
  EXPECT_EQ(rows(path(), "feedback"), 10);
  EXPECT_EQ(requests(), 30);
  std::filesystem::remove(database_path(path()));
  EXPECT_EQ(requests(), 30) << "from the journal";
}

TEST_F(Events, AreExportedAsTheyAreOrByKind) {
  Running process(spec);
  keep_both(process, 0, 30);
  process.ledger.stop();
  const std::string all = exported({path(), 0, false});
  EXPECT_EQ(std::ranges::count(all, '\n'), 60);
  const std::string grades = exported({path(), 0, false, "grade"});
  EXPECT_EQ(std::ranges::count(grades, '\n'), 10);
  EXPECT_EQ(std::ranges::count(exported({path(), 0, true}), '\n'), 31) << "requests";
  const std::string csv = exported({path(), 0, true, "feedback"});
  EXPECT_TRUE(
      csv.starts_with("seq,id,time_unix_ms,key,thumb,score,task_completed,comment,corrected,route,experiment\n"
                      "2,req_0,1795000000000,checkout,down,0.25,false,\"no \"\"good\"\"\",42,chat,"))
      << csv.substr(0, 200);
}

TEST_F(Events, TooLongForTheSpoolAreRefused) {
  Running process(spec);
  const std::string corrected(300'000, 'x');
  FeedbackEvent feedback;
  feedback.corrected = corrected;
  EXPECT_FALSE(process.ledger.keep(feedback));
  EXPECT_EQ(process.counter("triage_ledger_dropped_total", {{"reason", "too_long"}}), 1);
}

TEST_F(Events, OfAKindThatIsNotKnownArePassedOverAndCounted) {
  {
    Running process(spec);
    keep_both(process, 0, 3);
    process.ledger.stop();
  }
  append_newer(newest_segment(), 7);
  std::filesystem::remove(path() + "/spool");
  {
    Running process(spec);
    process.keep(3, 6);
    process.ledger.stop();
    EXPECT_EQ(process.counter("triage_ledger_unknown_total"), 1);
  }
  EXPECT_EQ(rows_of(path()), ids(0, 6));
  const Audit found = audit(path());
  EXPECT_EQ(found.unknown, (std::map<std::string, std::uint64_t>{{"hologram", 1}}));
  EXPECT_FALSE(found.ok());
  EXPECT_EQ(found.lines, 10U);
  EXPECT_EQ(found.missing + found.rows_missing + found.rows_unknown, 0U);
  EXPECT_NE(exported({path(), 0, false}).find("hologram"), std::string::npos);
  EXPECT_EQ(rebuild(path()).unknown, 1U);
}

TEST_F(Events, OfADatabaseOfTheVersionBeforeAreTakenFromThenOn) {
  {
    Running process(spec);
    process.keep(0, 10);
    process.ledger.stop();
  }
  {
    Database old(database_path(path()), Database::Mode::write);
    old.execute("DROP TABLE feedback; DROP TABLE grades; DROP TABLE experiment_decisions");
    for (const char* newer : {"tokens_cache_write_1h", "tokens_citations", "searches", "service_tier_asked",
                              "service_tier", "provider_cost_nano_usd", "cost_source", "dropped", "provider_key"})
      old.execute(std::string("ALTER TABLE attempts DROP COLUMN ") + newer);
    old.execute("DROP INDEX requests_completion");
    for (const char* newer : {"completion_id", "trace_id", "trace_parent", "trace_sampled"})
      old.execute(std::string("ALTER TABLE requests DROP COLUMN ") + newer);
    old.execute("UPDATE schema_version SET version = 3");
  }
  EXPECT_TRUE(audit(path()).ok()) << "looks at the tables that there are";
  Running process(spec);
  keep_both(process, 10, 16);
  process.ledger.stop();
  EXPECT_EQ(rows_of(path()), ids(0, 16));
  EXPECT_EQ(rows(path(), "feedback"), 2);
  EXPECT_TRUE(audit(path()).ok());
}

TEST_F(Events, OldOnesGoWithTheirFilesButDecisionsStay) {
  Running process(spec);
  keep_both(process, 0, 30);
  process.ledger.stop();
  SqliteProjection projection(database_path(path()));
  while (projection.retire({60, 61, 0, 0})) {
  }
  EXPECT_EQ(rows(path(), "requests") + rows(path(), "attempts") + rows(path(), "feedback") + rows(path(), "grades"), 0);
  EXPECT_EQ(rows(path(), "experiment_decisions"), 10);
}

}  // namespace
}  // namespace triage::ledger
