// Grades as they are read back: what judges cost, and what judges and people say of the same answers.
#include "ledger/grades.hpp"
#include "base/unix_time.hpp"
#include "integration/ledger/ledger_fixture.hpp"
#include "ledger/spent.hpp"

namespace triage::ledger {
namespace {

constexpr std::int64_t now = 1'800'000'000'000;

struct GradeOptions {
  std::string_view route = "chat";
  std::string_view version = "v1";
  std::optional<std::int64_t> cost = 1'000;
  const ExperimentRecord* experiment = nullptr;
  std::int64_t time = now;
};

GradeEvent grade(std::string_view id, std::string_view grader, std::optional<double> score, GradeOptions more = {}) {
  GradeEvent out;
  out.id = id;
  out.time_unix_ms = more.time;
  out.route = more.route;
  out.grader = grader;
  out.version = more.version;
  out.score = score;
  out.cost_nano_usd = more.cost;
  out.experiment = more.experiment;
  return out;
}

FeedbackEvent feedback(std::string_view id, Thumb thumb, std::string_view corrected = "") {
  FeedbackEvent out;
  out.id = id;
  out.time_unix_ms = now;
  out.thumb = thumb;
  out.corrected = corrected;
  out.route = "chat";
  return out;
}

class GradesTest : public LedgerTest {};

TEST_F(GradesTest, OfTheJudgeAndOfPeople) {
  Running process(spec);
  const ExperimentRecord experiment{"cheaper", "e1", "treatment", "00ff", 0.1};
  GradeOptions treated;
  treated.experiment = &experiment;
  process.ledger.keep(grade("a", "judge", 0.25));
  process.ledger.keep(grade("a", "judge", 0.75, treated));
  process.ledger.keep(grade("b", "judge", std::nullopt));
  process.ledger.keep(grade("b", "regex", 1.0));
  process.ledger.keep(feedback("a", Thumb::up, "42"));
  process.ledger.keep(grade("c", "spotcheck", 0.5, {.version = "ann"}));
  process.ledger.keep(feedback("c", Thumb::up));
  process.ledger.stop();
  const Grades grades = read_grades(path(), 0);
  ASSERT_EQ(grades.judge.size(), 2U);
  EXPECT_EQ(grades.judge.at("a").score, 0.75) << "the last grade counts";
  EXPECT_EQ(grades.judge.at("a").arm, "treatment");
  EXPECT_EQ(grades.judge.at("b").score, std::nullopt);
  ASSERT_EQ(grades.labels.size(), 2U);
  EXPECT_EQ(grades.labels.at("a").value, 1);
  EXPECT_EQ(grades.labels.at("c").value, 0.5) << "a spot check counts before feedback";
  EXPECT_EQ(grades.labels.at("c").version, "ann");
  EXPECT_EQ(grades.corrected.at("a"), "42");
  EXPECT_TRUE(read_grades(path(), now + 1).judge.empty());
}

TEST_F(GradesTest, WhatJudgesHaveCost) {
  {
    Running process(spec);
    process.ledger.keep(grade("a", "judge", 1.0));
    process.ledger.keep(grade("b", "judge", std::nullopt, {.cost = std::nullopt}));
    process.ledger.keep(grade("c", "judge", 0.5, {.route = "code", .cost = 7}));
    process.ledger.keep(grade("d", "judge", 0.5, {.time = now - 1}));
    process.ledger.keep(grade("e", "command", 0.5));
    process.ledger.stop();
  }
  const std::map<std::string, std::int64_t> wanted{{"chat", 1'000}, {"code", 7}};
  EXPECT_EQ(spent_on_judges(path(), now), wanted) << "from the database";
  std::filesystem::remove(database_path(path()));
  EXPECT_EQ(spent_on_judges(path(), now), wanted) << "from the journal";
}

// As `triage spotcheck read` does it while a gateway runs.
TEST_F(GradesTest, ThoseOfAnotherProcessAreTakenUp) {
  Running gateway(spec);
  gateway.keep(1, 2);
  {
    Running command(spec);
    command.ledger.keep(grade("req_1", "spotcheck", 1.0));
    command.ledger.stop();
  }
  for (int i = 0; i < 100 && !Spool::aside_to_read(path()).empty(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  gateway.ledger.stop();
  EXPECT_TRUE(Spool::aside_to_read(path()).empty());
  EXPECT_EQ(read_grades(path(), 0).labels.at("req_1").value, 1);
}

TEST_F(GradesTest, AnsweredRequestsWithTheirTexts) {
  Running process(spec);
  const ExperimentRecord experiment{"cheaper", "e1", "treatment", "00ff", 0.1};
  LedgerRecord record;
  record.id = "good";
  record.time_unix_ms = now;
  record.route = "chat";
  record.experiment = &experiment;
  record.content = "full";
  record.prompt = "[{}]";
  record.answer = "42";
  process.ledger.keep(record);
  record.id = "cut";
  record.prompt = "[{";
  record.experiment = nullptr;
  process.ledger.keep(record);
  record.id = "hashed";
  record.content = "hashed";
  process.ledger.keep(record);
  record.id = "failed";
  record.outcome = Outcome::upstream_error;
  process.ledger.keep(record);
  record.id = "shadow";
  record.outcome = Outcome::ok;
  record.shadow_of = "good";
  process.ledger.keep(record);
  process.ledger.stop();
  std::vector<AnsweredRequest> seen;
  const auto all = [&seen](const AnsweredRequest& request) {
    seen.push_back(request);
    return true;
  };
  EXPECT_EQ(each_answered(path(), 0, true, all), 0U);
  ASSERT_EQ(seen.size(), 3U) << "neither the failed one nor the shadow";
  EXPECT_EQ(seen[0].id, "good");
  EXPECT_EQ(seen[0].experiment.value().arm, "treatment");
  EXPECT_EQ(seen[0].prompt, "[{}]");
  EXPECT_EQ(seen[0].answer, "42");
  EXPECT_TRUE(seen[0].whole);
  EXPECT_FALSE(seen[1].whole);
  EXPECT_FALSE(seen[1].experiment);
  EXPECT_EQ(seen[2].prompt, "") << "a hash is no text";
  seen.clear();
  each_answered(path(), 0, true, [&](const AnsweredRequest& request) { return all(request) && false; });
  EXPECT_EQ(seen.size(), 1U);
  seen.clear();
  each_answered(path(), now + 1, true, all);
  EXPECT_TRUE(seen.empty());
}

}  // namespace
}  // namespace triage::ledger
