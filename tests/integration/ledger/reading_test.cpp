// Reports and exports against the records themselves.
#include "integration/ledger/ledger_fixture.hpp"
#include "ledger/audit.hpp"
#include "ledger/export.hpp"
#include "ledger/rebuild.hpp"
#include "ledger/report.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <map>
#include <random>

namespace triage::ledger {
namespace {

std::int64_t now_s() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

struct Totals {
  std::int64_t requests = 0;
  std::int64_t cost = 0;
  std::int64_t unknown = 0;
  std::int64_t input = 0;
  bool operator==(const Totals&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Totals& t) {
  return out << t.requests << " requests, " << t.cost << " + " << t.unknown << " unknown, " << t.input << " tokens";
}

Totals totals_of(const ReportGroup& group) {
  return {group.sums[Sums::requests], group.sums[Sums::cost_nano_usd], group.sums[Sums::cost_unknown],
          group.sums[Sums::tokens_input]};
}

// Records of three days with attempts in many places, and what they add up to, counted apart.
class Reading : public LedgerTest {
 protected:
  Reading() { spec.spool = {8 << 20}; }  // all at once

  void keep(FileLedger& ledger, int count) {
    static constexpr const char* deployments[] = {"llama", "mini", "frontier"};
    static constexpr const char* routes[] = {"chat", "extract"};
    for (int i = 0; i < count; ++i) {
      const std::string id = id_of(static_cast<int>(kept_++));
      LedgerRecord record = record_now(id);
      record.time_unix_ms = (now_ - static_cast<std::int64_t>(random_() % (3 * 86400))) * 1000 + 5;
      record.route = routes[random_() % 2];
      record.outcome = static_cast<Outcome>(random_() % 5);
      record.attempts.resize(random_() % 3, AttemptRecord());
      const bool counted = record.time_unix_ms / 1000 >= since_;
      for (AttemptRecord& attempt : record.attempts) {
        attempt.deployment = deployments[random_() % 3];
        attempt.end = random_() % 2 == 0 ? AttemptEnd::completed : AttemptEnd::failed;
        attempt.usage_source = UsageSource::reported;
        attempt.tokens.input = static_cast<std::int64_t>(random_() % 5000);
        attempt.cost_nano_usd =
            random_() % 50 == 0 ? std::nullopt : std::optional<std::int64_t>(random_() % 1'000'000'000);
        if (!counted) continue;
        for (Totals* sums : {&by_deployment_[std::string(attempt.deployment)], &total_}) {
          sums->cost += attempt.cost_nano_usd.value_or(0);
          sums->unknown += attempt.cost_nano_usd ? 0 : 1;
          sums->input += attempt.tokens.input;
        }
      }
      if (counted) {
        ++total_.requests;
        ++by_route_[std::string(record.route)];
      }
      ledger.keep(record);
    }
  }
  void expect_exact(const Report& report) {
    EXPECT_EQ(totals_of(report.total), total_);
    EXPECT_EQ(report.since_unix_s, since_);
  }
  [[nodiscard]] Report report(GroupBy by = GroupBy::nothing) const { return make_report({path(), since_, now_, by}); }

  const std::int64_t now_ = now_s() / 60 * 60;
  std::int64_t since_ = now_ - 36 * 3600 - 17 * 60;  // in the middle of an hour
  std::mt19937_64 random_{11};
  std::uint64_t kept_ = 0;
  Totals total_;
  std::map<std::string, Totals> by_deployment_;
  std::map<std::string, std::int64_t> by_route_;
};

TEST_F(Reading, AReportAddsUpExactlyWhateverTheDatabaseHasOfIt) {
  {
    Running process(spec);
    keep(process.ledger, 1500);
    process.ledger.stop();
  }
  expect_exact(report());
  EXPECT_EQ(report().from_journal, 0U);
  {
    Running never_started(spec, false);  // its destructor writes the journal, and not the database
    keep(never_started.ledger, 700);
  }
  expect_exact(report());
  EXPECT_EQ(report().from_journal, 700U);
  std::filesystem::remove(database_path(path()));
  expect_exact(report());
  EXPECT_EQ(report().from_journal, 2200U);
  EXPECT_NE(report().database_problem, "");
}

TEST_F(Reading, EveryGroupingAddsUpToTheSame) {
  Running process(spec);
  keep(process.ledger, 2000);
  process.ledger.stop();
  for (const GroupBy by :
       {GroupBy::route, GroupBy::tier, GroupBy::deployment, GroupBy::key, GroupBy::model, GroupBy::day}) {
    const Report made = report(by);
    expect_exact(made);
    ReportGroup sum;
    for (const auto& [name, group] : made.groups) sum.sums.add(group.sums);
    EXPECT_EQ(totals_of(sum), total_);
    EXPECT_EQ(sum.sums.latency.encode(), made.total.sums.latency.encode());
  }
  for (const auto& [name, group] : report(GroupBy::route).groups)
    EXPECT_EQ(group.sums[Sums::requests], by_route_[name]);
  for (const auto& [name, group] : report(GroupBy::deployment).groups) {
    if (name.empty()) continue;
    EXPECT_EQ(group.sums[Sums::cost_nano_usd], by_deployment_[name].cost) << name;
    EXPECT_EQ(group.sums[Sums::tokens_input], by_deployment_[name].input) << name;
  }
  EXPECT_GE(report(GroupBy::day).groups.size(), 2U);
}

TEST_F(Reading, LongAgoIsRoundedToTheHour) {
  since_ = (now_ - 60 * 3600) / 3600 * 3600;
  Running process(spec);
  keep(process.ledger, 1000);
  process.ledger.stop();
  expect_exact(make_report({path(), since_ + 1234, now_, GroupBy::nothing}));
}

TEST_F(Reading, AReportBesideARunningGatewayIsExact) {
  Running process(spec);
  keep(process.ledger, 500);
  ASSERT_TRUE(eventually([&] { return process.counter("triage_ledger_lines_total") == 500; }));
  expect_exact(report());
  EXPECT_TRUE(report().beside_gateway);
}

std::string exported(const ExportOptions& options) {
  std::string all;
  export_records(options, [&](std::string_view lines) {
    all += lines;
    return true;
  });
  return all;
}

TEST_F(Reading, AnExportIsAJournalAgain) {
  Running process(spec);
  keep(process.ledger, 300);
  process.ledger.stop();
  const std::string all = exported({path(), 0, false});
  LineScanner scanner(all, true);
  std::size_t lines = 0;
  for (Line line; scanner.next(line);) EXPECT_EQ(line.seq, ++lines);
  EXPECT_EQ(lines, 300U);
  EXPECT_EQ(scanner.damaged(), 0U);
  const std::string recent = exported({path(), since_ * 1000, false});
  EXPECT_EQ(std::ranges::count(recent, '\n'), total_.requests);
}

TEST_F(Reading, CsvQuotesWhatHasToBe) {
  Running process(spec);
  LedgerRecord record = record_now("req_1", 2);
  record.model_requested = "a,b \"c\"\nd";
  record.key = {};
  record.attempts.clear();
  process.ledger.keep(record);
  process.ledger.stop();
  const std::string csv = exported({path(), 0, true});
  const std::string row = csv.substr(csv.find('\n') + 1);
  EXPECT_EQ(row.substr(0, row.find("/v1")),
            "1,req_1," + std::to_string(record.time_unix_ms) + ",,chat,0123456789ab,2026-11-01,\"a,b \"\"c\"\"\nd\",");
  EXPECT_NE(row.find(",large,,[],ok,,200,stop,true,false,931.002,241,140,3230002,3230002,,\"{\"\"refusal\"\":false,"),
            std::string::npos)
      << row;
}

TEST_F(Reading, OldRowsGoWithTheirSegments) {
  spec.retain_bytes = {200 << 10};
  Running process(spec);
  for (int i = 0; i < 20; ++i) {
    process.keep(i * 50, i * 50 + 50);
    std::this_thread::sleep_for(milliseconds(10));
  }
  process.ledger.stop();
  const auto segments = segments_of(path());
  std::uint64_t bytes = 0;
  for (const Segment& segment : segments) bytes += segment.bytes;
  EXPECT_LT(bytes, 330U << 10);
  EXPECT_GT(segments.front().number, 1U);
  const Ids left = ids_of(path());
  EXPECT_EQ(left, ids(1000 - static_cast<int>(left.size()), 1000));
  EXPECT_EQ(audit(path()).missing, 0U);

  SqliteProjection projection(database_path(path()));
  while (projection.retire({1000 - left.size(), 0, 0, 0})) {
  }
  EXPECT_EQ(rows_of(path()), left);
  EXPECT_TRUE(audit(path()).ok());
}

TEST_F(Reading, WhatIsOlderThanRetainGoesByItself) {
  constexpr int records = 1500;
  {
    Running process(spec);
    process.keep(0, records);
    process.ledger.stop();
  }
  const auto segments = segments_of(path());
  ASSERT_GT(segments.size(), 15U);
  for (std::size_t i = 0; i < segments.size(); ++i)
    age(segments[i].number, std::chrono::hours(24 * 2) * static_cast<int>(segments.size() - 1 - i));
  Running process(spec);
  process.keep(records, records + 10);
  EXPECT_TRUE(eventually([&] { return segments_of(path()).size() <= 17; }));
  EXPECT_GE(segments_of(path()).size(), 15U) << "thirty days of them";
  const Ids left = ids_of(path());
  EXPECT_TRUE(eventually([&] { return rows_of(path()) == ids_of(path()); })) << rows_of(path()).size();
  EXPECT_EQ(left.back(), id_of(records + 9));
  process.ledger.stop();
  EXPECT_TRUE(audit(path()).ok());
  EXPECT_EQ(process.gauge("triage_ledger_overdue_files"), 0);
}

TEST_F(Reading, AJournalThatWasRemovedDoesNotStartOver) {
  {
    Running process(spec);
    process.keep(0, 100);
    process.ledger.stop();
  }
  std::filesystem::remove_all(journal_folder(path()));
  std::filesystem::remove(path() + "/spool");
  Running process(spec);
  process.keep(100, 200);
  process.ledger.stop();
  EXPECT_EQ(ids_of(path()), ids(100, 200));
  EXPECT_EQ(rows_of(path()), ids(0, 200));
}

}  // namespace
}  // namespace triage::ledger
