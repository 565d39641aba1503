// Promises against lines: met, breached, and not enough to tell.
#include "ledger/slo.hpp"

#include "ledger/slo_watch.hpp"
#include "support/padded.hpp"
#include "support/sample_record.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <random>

namespace triage::ledger {
namespace {

constexpr std::int64_t day_ms = 24LL * 3600 * 1000;
constexpr std::int64_t monday = 1'794'787'200'000;  // 16 November 2026, 00:00 UTC

class Slo : public testing::Test {
 protected:
  void take(const std::string& json) {
    const test::Padded line(json);
    ASSERT_EQ(entry_.read({line.view(), ++seq_}), Entry::Is::known);
    history.take(entry_);
  }
  void thumb(bool up, std::int64_t time, const std::string& id = "") {
    FeedbackEvent event;
    const std::string own = id.empty() ? "req_" + std::to_string(seq_) : id;
    event.id = own;
    event.time_unix_ms = time;
    event.route = "chat";
    event.thumb = up ? Thumb::up : Thumb::down;
    take(json_of(event));
  }
  void thumbs(int count, double rate, std::int64_t time = monday) {
    for (int i = 0; i < count; ++i) thumb(static_cast<double>(random_() % 1000) < rate * 1000, time);
  }
  [[nodiscard]] SloStanding standing(SloSpec slo = at_least(0.8)) const { return history.standing("chat", slo); }
  static SloSpec at_least(double value) {
    SloSpec slo;
    slo.value_min = value;
    return slo;
  }
  static SloSpec at_most(QualitySignal signal, double value) {
    SloSpec slo;
    slo.signal = signal;
    slo.value_max = value;
    return slo;
  }

  QualityHistory history;

 private:
  Entry entry_;
  std::uint64_t seq_ = 0;
  std::mt19937_64 random_{5};
};

TEST_F(Slo, NothingIsKnownAtFirst) {
  EXPECT_EQ(standing().state, SloState::unknown);
  thumbs(5, 1);
  EXPECT_EQ(standing().state, SloState::unknown) << "five thumbs up are not enough";
  EXPECT_EQ(standing().values, 5U);
}

TEST_F(Slo, EnoughGoodOnesMeetIt) {
  thumbs(400, 0.95);
  EXPECT_EQ(standing().state, SloState::met);
  EXPECT_GE(standing().low, 0.8);
  EXPECT_NEAR(standing().mean, 0.95, 0.04);
}

TEST_F(Slo, EnoughBadOnesBreachIt) {
  thumbs(400, 0.6);
  EXPECT_EQ(standing().state, SloState::breached);
  EXPECT_LT(standing().high, 0.8);
}

TEST_F(Slo, ADropShowsThoughTheWeekBeforeWasGood) {
  thumbs(2000, 0.95);
  EXPECT_EQ(standing().state, SloState::met);
  thumbs(400, 0.6, monday + 7 * day_ms);
  EXPECT_EQ(standing().state, SloState::breached);
}

TEST_F(Slo, WhatIsTwoWeeksOldIsForgotten) {
  thumbs(400, 0.6);
  thumb(true, monday + 7 * day_ms);
  EXPECT_EQ(standing().state, SloState::breached) << "the week before counts";
  thumb(true, monday + 14 * day_ms);
  EXPECT_EQ(standing().state, SloState::unknown);
  thumbs(400, 0.6, monday + 14 * day_ms);
  thumb(true, monday + 70 * day_ms);
  EXPECT_EQ(standing().state, SloState::unknown) << "a long pause";
}

TEST_F(Slo, OfOneRequestTheFirstWordCounts) {
  for (int i = 0; i < 100; ++i) thumb(i == 0, monday, "req_1");
  EXPECT_EQ(standing().values, 1U);
  EXPECT_EQ(standing().mean, 1);
}

TEST_F(Slo, RecordsGiveTheirSignalsAndFaultsOfTheGatewayNone) {
  LedgerRecord record = sample_record("req_1", 0, monday);
  record.signals.refusal = true;
  record.attempts[1].cause = AttemptCause::escalation;
  take(json_of(record));
  for (const Outcome fault : {Outcome::client_error, Outcome::gateway_error, Outcome::cancelled}) {
    record.outcome = fault;
    take(json_of(record));
  }
  record.outcome = Outcome::upstream_error;
  record.signals = {};
  take(json_of(record));
  record.outcome = Outcome::ok;
  record.shadow_of = "req_1";
  take(json_of(record));
  const auto mean = [this](QualitySignal signal) { return standing(at_most(signal, 0.5)); };
  EXPECT_EQ(mean(QualitySignal::error).values, 2U);
  EXPECT_EQ(mean(QualitySignal::error).mean, 0.5);
  EXPECT_EQ(mean(QualitySignal::escalation).mean, 1);
  EXPECT_EQ(mean(QualitySignal::refusal).values, 1U);
  EXPECT_EQ(mean(QualitySignal::truncated).values, 1U);
  EXPECT_EQ(mean(QualitySignal::retry).values, 0U);
  EXPECT_EQ(mean(QualitySignal::latency).values, 0U);
}

TEST_F(Slo, AComparisonCountsAsWonOrTiedAndPeopleAreLabels) {
  const auto grade = [this](double score, std::string_view against, std::string_view grader) {
    GradeEvent event;
    event.id = "req_1";
    event.route = "chat";
    event.time_unix_ms = monday;
    event.score = score;
    event.against = against;
    event.grader = grader;
    take(json_of(event));
  };
  grade(0.5, "frontier", "judge");
  grade(0, "frontier", "judge");
  grade(0.25, "", "exact");
  grade(0, "", "spotcheck");
  SloSpec slo = at_least(0.95);
  slo.signal = QualitySignal::judge;
  EXPECT_EQ(standing(slo).values, 3U);
  EXPECT_DOUBLE_EQ(standing(slo).mean, 1.25 / 3);
}

TEST_F(Slo, AnAlertSaysAllOfIt) {
  thumbs(400, 0.6);
  const auto alert = nlohmann::json::parse(slo_alert(standing(), SloState::met));
  EXPECT_EQ(alert["alert"], "slo");
  EXPECT_EQ(alert["route"], "chat");
  EXPECT_EQ(alert["signal"], "feedback");
  EXPECT_EQ(alert["state"], "breached");
  EXPECT_EQ(alert["before"], "met");
  EXPECT_EQ(alert["value_min"], 0.8);
  EXPECT_LT(alert["high"], 0.8);
  EXPECT_EQ(alert["values"], 400);
}

}  // namespace
}  // namespace triage::ledger
