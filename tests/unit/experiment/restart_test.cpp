// The state after a restart is the state before it, to the last bit, wherever the journal is cut.
#include "unit/experiment/journal.hpp"

#include <gtest/gtest.h>

#include <cstdio>

namespace triage::experiment {
namespace {

// Sticky users with requests, feedback that comes late, ticks, a ramp, warnings, a pause, and a rollback at the end.
Journal eventful() {
  Journal journal;
  Chance chance(99);
  const Plan plan = plan_with({{QualitySignal::refusal, 0.02},
                               {QualitySignal::feedback, 0.05, 2},
                               {QualitySignal::latency, 0.05},
                               {QualitySignal::cost, 0.1}},
                              {{0.2, milliseconds(3000), 20}, {0.5, milliseconds(1'000'000), 20}, {1}}, 1000);
  journal.configure("v1", plan);
  std::vector<Sighting> later;
  for (int i = 0; i < 4000; ++i) {
    journal.request(chance.whole() % 300, [&](Sighting& seen) {
      const bool bad = seen.treated && i > 2000;
      seen[QualitySignal::refusal] = chance.with(bad ? 0.5 : 0.1) ? 1 : 0;
      seen[QualitySignal::escalation] = chance.with(0.4) ? 1 : 0;
      seen[QualitySignal::latency] = 100 + 900 * chance.share();
      seen[QualitySignal::cost] = seen.cost_nano_usd = 1e6 * chance.share();
      Sighting said = seen;
      said.request = false;
      said.values = {};
      said.cost_nano_usd = 1000;
      said[QualitySignal::feedback] = chance.with(bad ? 0.3 : 0.8) ? 1 : 0;
      later.push_back(said);
    });
    if (i % 3 == 0 && i > 100) journal.add(later[later.size() - 1 - chance.whole() % 90]);
    journal.decide(i * 5);
    if (i == 1000) journal.want(Action::pause, "v1", &plan, i * 5);
    if (i == 1050) journal.want(Action::start, "v1", &plan, i * 5);
  }
  return journal;
}

TEST(Restart, TheStateIsThatOfTheLines) {
  const Journal journal = eventful();
  EXPECT_EQ(journal.status(), Status::rolled_back);
  EXPECT_GE(journal.experiment().decisions().size(), 5U);
  Engine again;
  std::size_t saves = 0;
  for (std::size_t i = 0; i < journal.lines.size(); ++i) {
    if (i % 97 == 0) {
      Engine loaded;
      ASSERT_TRUE(loaded.load(again.save()));
      ASSERT_EQ(loaded.save(), again.save());
      again = std::move(loaded);  // as a start from this checkpoint would go on
      ++saves;
    }
    again.fold(journal.lines[i]);
  }
  EXPECT_GT(saves, 40U);
  EXPECT_EQ(again.save(), journal.engine.save());
}

TEST(Restart, WhatIsNoCheckpointIsRefused) {
  const Journal journal = eventful();
  const std::string state = journal.engine.save();
  Engine engine;
  EXPECT_FALSE(engine.load(""));
  for (std::size_t cut = 1; cut < state.size(); cut += 1 + state.size() / 200)
    EXPECT_FALSE(engine.load(std::string_view(state).substr(0, cut))) << cut;
  EXPECT_FALSE(engine.load(state + "x"));
  EXPECT_TRUE(engine.all().empty());
  EXPECT_TRUE(engine.load(state));
}

TEST(Restart, AMillionUnitsFit) {
  Journal journal;
  Chance chance(5);
  std::vector<GuardrailSpec> guardrails;
  for (const auto signal : {QualitySignal::refusal, QualitySignal::error, QualitySignal::escalation,
                            QualitySignal::truncated, QualitySignal::cost})
    guardrails.push_back({signal, 0.05});
  Plan plan = plan_with(guardrails, {{0.5, milliseconds(1'000'000'000), 1}, {1}}, 600'000);
  plan.units_max = 1'000'000;
  journal.configure("v1", plan);
  for (int i = 0; i < 1'001'000; ++i) {
    Sighting seen = journal.sighting(chance.whole());
    for (const auto signal : {QualitySignal::refusal, QualitySignal::escalation, QualitySignal::truncated})
      seen[signal] = 0;
    seen[QualitySignal::cost] = seen.cost_nano_usd = 1000;
    journal.engine.fold(seen);
  }
  EXPECT_EQ(journal.experiment().units(), 1'000'000U);
  EXPECT_EQ(journal.experiment().units_dropped(), 1000U);
  std::printf("a million units and five guardrails: %zu bytes\n", journal.experiment().bytes());
  EXPECT_LT(journal.experiment().bytes(), 160U << 20);
}

}  // namespace
}  // namespace triage::experiment
