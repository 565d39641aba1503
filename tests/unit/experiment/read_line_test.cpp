#include "experiment/read_line.hpp"

#include "support/sample_record.hpp"
#include "triage/body_padding.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace triage::experiment {
namespace {

const ExperimentRecord assigned{"cheaper", "v1", "treatment", "00000000000000ff", 0.25};

JournalLine read(const std::string& json) {
  std::string padded = json;
  padded.reserve(json.size() + body_padding);
  ledger::Entry entry;
  const ledger::Line line{std::string_view(padded), 1};
  return entry.read(line) == ledger::Entry::Is::known ? read_entry(entry) : JournalLine();
}

LedgerRecord record() {
  LedgerRecord out = ledger::sample_record("req_1");
  out.experiment = &assigned;
  return out;
}

TEST(ReadLine, ARequest) {
  LedgerRecord it = record();
  it.attempts[1].cause = AttemptCause::escalation;
  it.signals.retry = true;
  const auto seen = std::get<Sighting>(read(ledger::json_of(it)));
  EXPECT_EQ(seen.name, "cheaper");
  EXPECT_EQ(seen.version, "v1");
  EXPECT_EQ(seen.unit, 255U);
  EXPECT_TRUE(seen.treated);
  EXPECT_DOUBLE_EQ(seen.share, 0.25);
  EXPECT_TRUE(seen.request);
  EXPECT_EQ(seen[QualitySignal::error], 0);
  EXPECT_EQ(seen[QualitySignal::escalation], 1);
  EXPECT_EQ(seen[QualitySignal::refusal], 0);
  EXPECT_EQ(seen[QualitySignal::retry], 1);
  EXPECT_FALSE(seen[QualitySignal::hedging]);
  EXPECT_EQ(seen[QualitySignal::latency], 931);
  EXPECT_EQ(seen[QualitySignal::cost], 3'230'000);
  EXPECT_FALSE(seen[QualitySignal::feedback]);
}

TEST(ReadLine, WhoseFaultItIsDecides) {
  LedgerRecord it = record();
  it.outcome = Outcome::upstream_error;
  const auto failed = std::get<Sighting>(read(ledger::json_of(it)));
  EXPECT_EQ(failed[QualitySignal::error], 1);
  EXPECT_FALSE(failed[QualitySignal::latency]);
  for (const Outcome other : {Outcome::gateway_error, Outcome::client_error, Outcome::cancelled}) {
    it.outcome = other;
    const auto seen = std::get<Sighting>(read(ledger::json_of(it)));
    EXPECT_TRUE(std::ranges::none_of(seen.values, [](const auto& value) { return value.has_value(); }));
    EXPECT_EQ(seen.cost_nano_usd, 3'230'000) << "it was paid all the same";
  }
}

TEST(ReadLine, NothingAboutExperiments) {
  EXPECT_TRUE(std::holds_alternative<std::monostate>(read(ledger::json_of(ledger::sample_record("req_1")))));
  LedgerRecord shadow = record();
  shadow.shadow_of = "req_0";
  EXPECT_TRUE(std::holds_alternative<std::monostate>(read(ledger::json_of(shadow))));
  LedgerRecord odd = record();
  const ExperimentRecord no_unit{"cheaper", "v1", "treatment", "somebody", 0.25};
  odd.experiment = &no_unit;
  EXPECT_TRUE(std::holds_alternative<std::monostate>(read(ledger::json_of(odd))));
}

TEST(ReadLine, FeedbackAndGrades) {
  FeedbackEvent said;
  said.id = "req_1";
  said.experiment = &assigned;
  said.thumb = Thumb::down;
  said.score = 0.9;
  said.task_completed = true;
  const auto feedback = std::get<Sighting>(read(ledger::json_of(LedgerEvent(said))));
  EXPECT_FALSE(feedback.request);
  EXPECT_EQ(feedback[QualitySignal::feedback], 0);
  EXPECT_EQ(feedback[QualitySignal::task_completed], 1);

  GradeEvent grade;
  grade.id = "req_1";
  grade.grader = "judge";
  grade.score = 0.75;
  grade.cost_nano_usd = 1000;
  grade.experiment = &assigned;
  const auto judged = std::get<Sighting>(read(ledger::json_of(LedgerEvent(grade))));
  EXPECT_EQ(judged[QualitySignal::judge], 0.75);
  EXPECT_EQ(judged.cost_nano_usd, 1000);
  EXPECT_FALSE(judged[QualitySignal::cost]);
  grade.score.reset();
  EXPECT_FALSE(std::get<Sighting>(read(ledger::json_of(LedgerEvent(grade))))[QualitySignal::judge]);
}

TEST(ReadLine, ADecision) {
  const ExperimentEvent event{"cheaper", "v1", 7, "chat", "advance", "", 2, 0.5, "so", R"({"clock_ms":12,"x":[1]})"};
  const auto decision = std::get<Decision>(read(ledger::json_of(LedgerEvent(event))));
  EXPECT_EQ(decision.action, "advance");
  EXPECT_EQ(decision.stage, 2);
  EXPECT_DOUBLE_EQ(decision.share, 0.5);
  EXPECT_EQ(decision.clock_ms, 12);
  EXPECT_EQ(decision.actor, "");
  EXPECT_EQ(decision.figures, R"({"clock_ms":12,"x":[1]})");
  for (const char* const odd : {"", "{}", R"({"clock_ms":"soon"})", "[1]"}) {
    ExperimentEvent other = event;
    other.figures = odd;
    EXPECT_EQ(std::get<Decision>(read(ledger::json_of(LedgerEvent(other)))).clock_ms, -1) << odd;
  }
}

}  // namespace
}  // namespace triage::experiment
