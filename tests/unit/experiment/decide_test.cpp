#include "unit/experiment/journal.hpp"

#include <gmock/gmock.h>

namespace triage::experiment {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const GuardrailSpec refusal{QualitySignal::refusal, 0.02};

// Requests of new units, of which each refuses with its arm's probability, until something is decided.
std::vector<std::string> run(Journal& journal, Chance& chance, double control, double treatment, int units,
                             std::int64_t clock_ms) {
  for (int i = 0; i < units; ++i) {
    journal.request(chance.whole(), [&](Sighting& seen) {
      seen[QualitySignal::refusal] = chance.with(seen.treated ? treatment : control) ? 1 : 0;
    });
    if (auto actions = journal.decide(clock_ms); !actions.empty()) return actions;
  }
  return {};
}

TEST(Decide, StartsByItselfOnce) {
  Journal journal;
  const Plan plan = plan_with({refusal});
  journal.configure("v1", plan);
  EXPECT_EQ(journal.status(), Status::running);
  EXPECT_DOUBLE_EQ(journal.experiment().share_of("v1"), 0.1);
  EXPECT_DOUBLE_EQ(journal.experiment().share_of("v2"), 0);
  journal.configure("v1", plan);
  EXPECT_EQ(journal.lines.size(), 1U);
}

TEST(Decide, RollsAWorseTreatmentBackAtEveryStage) {
  for (const std::size_t bad_from : {0, 1}) {
    Journal journal;
    Chance chance(7 + bad_from);
    const Plan plan = plan_with({refusal}, {{0.1, milliseconds(1000), 50}, {0.5, milliseconds(1'000'000), 50}, {1}});
    journal.configure("v1", plan);
    std::int64_t clock = 0;
    while (journal.experiment().stage() < bad_from) {
      clock += 1000;
      run(journal, chance, 0.05, 0.05, 2000, clock);
    }
    const auto actions = run(journal, chance, 0.05, 0.4, 5000, clock);
    EXPECT_THAT(actions, ElementsAre("rollback")) << bad_from;
    EXPECT_EQ(journal.status(), Status::rolled_back);
    EXPECT_DOUBLE_EQ(journal.experiment().share(), 0);
    const Decision& last = journal.experiment().decisions().back();
    EXPECT_THAT(last.reason, HasSubstr("refusal: evidence"));
    EXPECT_THAT(last.figures, HasSubstr("\"log_bound\""));
    EXPECT_TRUE(journal.experiment().rolled_back().contains("v1"));
  }
}

TEST(Decide, AnEqualTreatmentGoesThroughAllStages) {
  Journal journal;
  Chance chance(3);
  journal.configure("v1", plan_with({{QualitySignal::refusal, 0.05}}));
  std::int64_t clock = 0;
  for (int round = 0; round < 400 && journal.status() == Status::running; ++round)
    run(journal, chance, 0.05, 0.05, 100, clock += 500);
  EXPECT_EQ(journal.status(), Status::promoted);
  EXPECT_DOUBLE_EQ(journal.experiment().share(), 1);
  EXPECT_THAT(journal.experiment().decisions().back().reason, HasSubstr("write it into the route"));
}

TEST(Decide, AStageWaitsForTimeUnitsAndOutcomes) {
  Journal journal;
  journal.configure("v1", plan_with({refusal}, {{0.5, milliseconds(1000), 3}, {1}}));
  EXPECT_EQ(journal.experiment().waits_for(0).size(), 4U);  // time, units of both arms, outcomes
  Chance chance(1);
  run(journal, chance, 0, 0, 40, 0);
  EXPECT_THAT(journal.experiment().waits_for(0), ElementsAre(HasSubstr("time: 1 s")));
  EXPECT_THAT(journal.decide(999), IsEmpty());
  EXPECT_THAT(journal.decide(1000), ElementsAre("promote"));
}

TEST(Decide, AStageDoesNotEndAgainstAGuardrail) {
  Journal journal;
  Chance chance(5);
  journal.configure("v1", plan_with({{QualitySignal::refusal, 0}}, {{0.5, milliseconds(0), 1}, {1}}));
  bool seen = false;
  for (int i = 0; i < 3000 && !seen && journal.status() == Status::running; ++i) {
    Sighting sighting = journal.sighting(chance.whole());
    sighting[QualitySignal::refusal] = sighting.treated && chance.with(0.3) ? 1 : 0;
    journal.add(sighting);
    const Experiment& it = journal.experiment();
    seen = it.guards()[0].log_evidence() >= it.log_bound(0) / 2;
  }
  ASSERT_TRUE(seen);
  EXPECT_THAT(journal.experiment().waits_for(0), ElementsAre(HasSubstr("refusal speaks against")));
  EXPECT_THAT(journal.decide(0), IsEmpty());
}

TEST(Decide, ABreachMayHold) {
  Journal journal;
  Chance chance(11);
  Plan plan = plan_with({refusal}, {{0.5, milliseconds(1'000'000), 1}, {1}});
  plan.on_breach = OnBreach::hold;
  journal.configure("v1", plan);
  EXPECT_THAT(run(journal, chance, 0.02, 0.5, 5000, 0), ElementsAre("hold"));
  EXPECT_EQ(journal.status(), Status::held);
  EXPECT_EQ(journal.experiment().cause(), Cause::guardrail);
  EXPECT_DOUBLE_EQ(journal.experiment().share(), 0.5);
  EXPECT_THAT(run(journal, chance, 0.02, 0.5, 200, 0), IsEmpty()) << "it is held already";
  EXPECT_FALSE(journal.want(Action::start, "v1", &plan, 0));
  EXPECT_TRUE(journal.want(Action::rollback, "v1", &plan, 0));
  EXPECT_EQ(journal.status(), Status::rolled_back);
}

TEST(Decide, TheFirstMinutesOfADisasterAreEnough) {
  Journal journal;
  Chance chance(13);
  // The guardrail's own windows are an hour; errors of half the treated requests are found at once.
  journal.configure("v1",
                    plan_with({{QualitySignal::error, 0.02}}, {{0.1, milliseconds(1'000'000), 1}, {1}}, 3'600'000));
  int treated = 0;
  while (journal.status() == Status::running && treated < 500) {
    journal.request(chance.whole(), [&](Sighting& seen) {
      treated += seen.treated ? 1 : 0;
      seen[QualitySignal::error] = chance.with(seen.treated ? 0.5 : 0.01) ? 1 : 0;
    });
    journal.decide(0);
  }
  EXPECT_EQ(journal.status(), Status::rolled_back);
  EXPECT_LE(treated, 60);
  EXPECT_THAT(journal.experiment().decisions().back().reason, HasSubstr("disaster"));
}

TEST(Decide, ASampleRatioMismatchHolds) {
  Journal journal;
  Chance chance(17);
  const Plan plan = plan_with({refusal}, {{0.5, milliseconds(1'000'000), 1}, {1}});
  journal.configure("v1", plan);
  for (int i = 0; i < 3000 && journal.status() == Status::running; ++i) {
    Sighting seen = journal.sighting(chance.whole());
    seen.treated = chance.with(0.4);
    journal.add(seen);
    journal.decide(0);
  }
  EXPECT_EQ(journal.status(), Status::held);
  EXPECT_EQ(journal.experiment().cause(), Cause::mismatch);
  EXPECT_THAT(journal.experiment().decisions().back().reason, HasSubstr("sample ratio mismatch"));
  EXPECT_TRUE(journal.want(Action::start, "v1", &plan, 0)) << "a person may go on";
  EXPECT_EQ(journal.status(), Status::running);
  EXPECT_THAT(journal.decide(0), IsEmpty()) << "the test of the ratio began anew";
}

TEST(Decide, ClientsThatLeaveAreNoMismatchAndNoOutcome) {
  Journal journal;
  Chance chance(31);
  journal.configure("v1", plan_with({{QualitySignal::error, 0.02}}, {{0.5, milliseconds(1'000'000), 1}, {1}}));
  for (int i = 0; i < 3000; ++i)
    journal.request(chance.whole(), [&](Sighting& seen) {
      if (seen.treated && chance.with(0.4)) seen.values = {};  // the treatment is slow
    });
  EXPECT_THAT(journal.decide(0), IsEmpty());
  EXPECT_LT(journal.experiment().stage_units(true), 1100U);
  EXPECT_EQ(journal.experiment().mismatch().units(), 3000U);
}

TEST(Decide, WarnsOnceOfEscalations) {
  Journal journal;
  Chance chance(19);
  journal.configure("v1", plan_with({}, {{0.5, milliseconds(1'000'000), 1}, {1}}));
  std::vector<std::string> actions;
  for (int i = 0; i < 400; ++i) {
    journal.request(chance.whole(),
                    [&](Sighting& seen) { seen[QualitySignal::escalation] = chance.with(0.45) ? 1 : 0; });
    for (auto& action : journal.decide(0)) actions.push_back(action);
  }
  EXPECT_THAT(actions, ElementsAre("warn"));
  EXPECT_EQ(journal.status(), Status::running);
}

TEST(Decide, UnitsBeyondTheBoundAreToldOf) {
  Journal journal;
  Chance chance(29);
  Plan plan = plan_with({}, {{0.5, milliseconds(1'000'000), 1}, {1}});
  plan.units_max = 100;
  journal.configure("v1", plan);
  std::vector<std::string> actions;
  for (int i = 0; i < 200; ++i) {
    journal.request(chance.whole());
    for (auto& action : journal.decide(0)) actions.push_back(action);
  }
  EXPECT_THAT(actions, ElementsAre("warn"));
  EXPECT_EQ(journal.experiment().units_dropped(), 100U);
  EXPECT_THAT(journal.experiment().decisions().back().reason, HasSubstr("units_max"));
}

TEST(Decide, TimeIsToldWhereNothingComes) {
  Journal journal;
  journal.configure("v1", plan_with({refusal}, {{0.5, milliseconds(100'000), 1}, {1}}, 20'000));
  EXPECT_THAT(journal.decide(1999), IsEmpty());
  EXPECT_THAT(journal.decide(2000), ElementsAre("tick"));
  EXPECT_EQ(journal.experiment().clock_ms(), 2000);
  EXPECT_EQ(journal.experiment().stage_elapsed_ms(2500), 2500);
}

TEST(Decide, ALastStageBelowAllIsHeldForAPerson) {
  Journal journal;
  Chance chance(23);
  journal.configure("v1", plan_with({}, {{0.5, milliseconds(0), 1}}));
  EXPECT_THAT(run(journal, chance, 0, 0, 50, 0), ElementsAre("hold"));
  EXPECT_EQ(journal.experiment().cause(), Cause::last_stage);
  EXPECT_TRUE(journal.want(Action::promote, "v1", nullptr, 0));
  EXPECT_DOUBLE_EQ(journal.experiment().share(), 1);
}

}  // namespace
}  // namespace triage::experiment
