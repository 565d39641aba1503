// What people and configurations may do to an experiment.
#include "unit/experiment/journal.hpp"

#include <gmock/gmock.h>

namespace triage::experiment {
namespace {

using testing::HasSubstr;

const Plan plan = plan_with({{QualitySignal::error, 0.02}});

TEST(Versions, ARollbackStays) {
  Journal journal;
  journal.configure("v1", plan);
  ASSERT_TRUE(journal.want(Action::rollback, "v1", &plan, 10));
  EXPECT_EQ(journal.status(), Status::rolled_back);
  journal.configure("v1", plan);
  EXPECT_EQ(journal.status(), Status::rolled_back);
  const auto refused = journal.engine.at("cheaper").wanted(Action::start, "v1", &plan, 10);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_THAT(refused.error().message, HasSubstr("change its configuration"));
  EXPECT_FALSE(journal.want(Action::promote, "v1", &plan, 10));
  EXPECT_FALSE(journal.want(Action::pause, "v1", &plan, 10));
  EXPECT_TRUE(journal.want(Action::rollback, "v1", &plan, 10)) << "it is so already";
  EXPECT_EQ(journal.lines.size(), 2U);
}

TEST(Versions, ANewOneAfterARollbackWaitsForAPerson) {
  Journal journal;
  journal.configure("v1", plan);
  journal.want(Action::rollback, "v1", &plan, 10);
  journal.configure("v2", plan);
  EXPECT_EQ(journal.status(), Status::waiting);
  EXPECT_DOUBLE_EQ(journal.experiment().share_of("v2"), 0);
  EXPECT_TRUE(journal.decide(100'000).empty());
  EXPECT_TRUE(journal.want(Action::start, "v2", &plan, 10));
  EXPECT_EQ(journal.status(), Status::running);
  EXPECT_DOUBLE_EQ(journal.experiment().share_of("v2"), 0.1);
}

TEST(Versions, AnOldConfigurationDoesNotUndoARollback) {
  Journal journal;
  journal.configure("v1", plan);
  journal.want(Action::rollback, "v1", &plan, 10);
  journal.configure("v2", plan);
  journal.want(Action::start, "v2", &plan, 10);
  journal.configure("v1", plan);
  EXPECT_EQ(journal.status(), Status::rolled_back);
  EXPECT_DOUBLE_EQ(journal.experiment().share_of("v1"), 0);
  EXPECT_FALSE(journal.want(Action::start, "v1", &plan, 10));
}

TEST(Versions, AChangeOfARunningOneBeginsAnew) {
  Journal journal;
  journal.configure("v1", plan);
  Chance chance(1);
  for (int i = 0; i < 100; ++i) journal.request(chance.whole());
  EXPECT_EQ(journal.experiment().units(), 100U);
  journal.configure("v2", plan);
  EXPECT_EQ(journal.status(), Status::running);
  EXPECT_EQ(journal.experiment().units(), 0U);
  Sighting late = journal.sighting(1);
  late.version = "v1";
  journal.add(late);
  EXPECT_EQ(journal.experiment().units(), 0U) << "a request that was under way says nothing of v2";
}

TEST(Versions, PauseAndStart) {
  Journal journal;
  journal.configure("v1", plan);
  EXPECT_TRUE(journal.want(Action::pause, "v1", &plan, 700));
  EXPECT_DOUBLE_EQ(journal.experiment().share(), 0);
  EXPECT_TRUE(journal.want(Action::pause, "v1", &plan, 700));
  EXPECT_EQ(journal.experiment().stage_elapsed_ms(9000), 700) << "no time passes meanwhile";
  EXPECT_TRUE(journal.want(Action::start, "v1", &plan, 700));
  EXPECT_DOUBLE_EQ(journal.experiment().share(), 0.1);
  EXPECT_EQ(journal.experiment().stage_elapsed_ms(900), 900);
  EXPECT_TRUE(journal.want(Action::start, "v1", &plan, 900));
  EXPECT_EQ(journal.experiment().decisions().size(), 3U) << "a start of one that runs is none";
}

TEST(Versions, WhoeverHoldsItKeepsItsShare) {
  Journal journal;
  journal.configure("v1", plan);
  EXPECT_TRUE(journal.want(Action::hold, "v1", &plan, 5));
  EXPECT_EQ(journal.status(), Status::held);
  EXPECT_EQ(journal.experiment().cause(), Cause::person);
  EXPECT_DOUBLE_EQ(journal.experiment().share(), 0.1);
  EXPECT_TRUE(journal.want(Action::start, "v1", &plan, 5));
  EXPECT_EQ(journal.status(), Status::running);
  journal.want(Action::pause, "v1", &plan, 5);
  EXPECT_FALSE(journal.want(Action::hold, "v1", &plan, 5));
}

TEST(Versions, NothingIsPromotedTwiceNorStartedAfterwards) {
  Journal journal;
  journal.configure("v1", plan);
  EXPECT_TRUE(journal.want(Action::promote, "v1", &plan, 5));
  EXPECT_EQ(journal.status(), Status::promoted);
  EXPECT_EQ(journal.experiment().stage(), 2U);
  EXPECT_TRUE(journal.want(Action::promote, "v1", &plan, 5));
  EXPECT_FALSE(journal.want(Action::start, "v1", &plan, 5));
  EXPECT_TRUE(journal.want(Action::rollback, "v1", &plan, 5));
  EXPECT_DOUBLE_EQ(journal.experiment().share(), 0);
}

TEST(Versions, WhatIsNotConfiguredCannotBeStarted) {
  Journal journal;
  EXPECT_FALSE(journal.want(Action::start, "", nullptr, 0));
  EXPECT_FALSE(journal.want(Action::pause, "", nullptr, 0));
}

TEST(Versions, ADecisionThatIsThereTwiceDoesNoHarm) {
  Journal journal;
  journal.configure("v1", plan);
  Chance chance(1);
  for (int i = 0; i < 3000; ++i) journal.request(chance.whole());
  auto advance = journal.experiment().due(1500);
  ASSERT_TRUE(advance);
  ASSERT_EQ(advance->action, "advance");
  journal.add(*advance);
  for (int i = 0; i < 10; ++i) journal.request(chance.whole());
  const auto units = journal.experiment().stage_units(false) + journal.experiment().stage_units(true);
  journal.add(*advance);
  EXPECT_EQ(journal.experiment().stage(), 1U);
  EXPECT_EQ(journal.experiment().stage_units(false) + journal.experiment().stage_units(true), units);
}

}  // namespace
}  // namespace triage::experiment
