#include "pipeline/strategy/cascade.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <random>

namespace triage {
namespace {

using Act = Cascade::Act;
using Called = Cascade::Called;

void expect(const Cascade::Step& step, Act act, std::size_t tier) {
  EXPECT_EQ(step.act, act);
  EXPECT_EQ(step.tier, tier);
}

TEST(Cascade, AcceptsTheFirstAnswer) {
  Cascade cascade(3, 1, false);
  expect(cascade.start(), Act::call, 0);
  EXPECT_TRUE(cascade.holds(0));
  expect(cascade.called(Called::held, 0), Act::verify, 0);
  expect(cascade.verified(true, true), Act::release, 0);
  EXPECT_EQ(cascade.escalations(), 0U);
}

TEST(Cascade, EscalatesARejectedAnswerToTheNextStageWhichIsNotHeld) {
  Cascade cascade(3, 1, false);
  cascade.called(Called::held, 0);
  expect(cascade.verified(false, true), Act::call, 1);
  EXPECT_FALSE(cascade.holds(1)) << "no escalation is left";
  expect(cascade.called(Called::sent, 1), Act::done, 1);
  EXPECT_EQ(cascade.escalations(), 1U);
}

TEST(Cascade, GoesOnAsLongAsEscalationsAreLeft) {
  Cascade cascade(3, 5, false);
  cascade.called(Called::held, 0);
  expect(cascade.verified(false, true), Act::call, 1);
  EXPECT_TRUE(cascade.holds(1));
  expect(cascade.called(Called::held, 1), Act::verify, 1);
  expect(cascade.verified(false, true), Act::call, 2);
  EXPECT_FALSE(cascade.holds(2)) << "nothing is above it";
}

TEST(Cascade, ARejectedAnswerIsBetterThanAnError) {
  Cascade cascade(2, 1, false);
  cascade.called(Called::held, 0);
  expect(cascade.verified(false, true), Act::call, 1);
  expect(cascade.called(Called::failed, 1), Act::release, 0);
}

TEST(Cascade, TheLastOfTheRejectedAnswersIsGiven) {
  Cascade cascade(3, 2, false);
  cascade.called(Called::held, 0);
  expect(cascade.verified(false, true), Act::call, 1);
  cascade.called(Called::held, 1);
  expect(cascade.verified(false, true), Act::call, 2);
  expect(cascade.called(Called::failed, 2), Act::release, 1);
  Cascade cut_off(3, 2, false);
  cut_off.called(Called::held, 0);
  cut_off.verified(false, true);
  expect(cut_off.called(Called::rejected, 1), Act::call, 2);
  expect(cut_off.called(Called::failed, 2), Act::release, 0);
}

TEST(Cascade, FailsWhenNothingWasHeld) {
  Cascade cascade(2, 1, false);
  expect(cascade.called(Called::failed, 0), Act::fail, 0);
}

TEST(Cascade, AnAnswerThatItsBeginningCondemnedIsLost) {
  Cascade cascade(2, 1, false);
  expect(cascade.called(Called::rejected, 0), Act::call, 1);
  expect(cascade.called(Called::failed, 1), Act::fail, 1);
}

TEST(Cascade, WithoutTimeTheHeldAnswerIsGiven) {
  Cascade cascade(2, 1, false);
  cascade.called(Called::held, 0);
  expect(cascade.verified(false, false), Act::release, 0);
}

TEST(Cascade, FailoverMayHaveAnsweredFromAbove) {
  Cascade cascade(3, 2, false);
  expect(cascade.called(Called::held, 1), Act::verify, 1);
  expect(cascade.verified(false, true), Act::call, 2);
}

TEST(Cascade, ForcedStartsAboveAndDoesNotHoldThere) {
  Cascade cascade(3, 1, true);
  expect(cascade.start(), Act::call, 1);
  EXPECT_FALSE(cascade.holds(1));
  EXPECT_EQ(cascade.escalations(), 1U);
  Cascade single(1, 1, true);
  expect(single.start(), Act::call, 0);
}

TEST(Cascade, OneStageIsNeverHeld) {
  EXPECT_FALSE(Cascade(1, 3, false).holds(0));
  EXPECT_FALSE(Cascade(3, 0, false).holds(0));
}

// Every path ends, calls no tier twice, makes no more escalations than it may, verifies only what it holds, and never
// fails while it holds an answer.
TEST(Cascade, AnyPath) {
  std::mt19937 random(20261123);
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
  for (int round = 0; round < 20'000; ++round) {
    const std::size_t tiers = 1 + below(5);
    const auto most = static_cast<std::uint32_t>(below(4));
    Cascade cascade(tiers, most, below(4) == 0);
    Cascade::Step step = cascade.start();
    std::optional<std::size_t> held;
    std::size_t next_stage = 0;
    for (int steps = 0; step.act == Act::call || step.act == Act::verify; ++steps) {
      ASSERT_LT(steps, 20);
      if (step.act == Act::verify) {
        ASSERT_EQ(held, step.tier);
        step = cascade.verified(below(2) == 0, below(8) != 0);
        continue;
      }
      ASSERT_GE(step.tier, next_stage);
      ASSERT_LT(step.tier, tiers);
      const std::size_t answered = step.tier + below(tiers - step.tier);
      next_stage = answered + 1;
      if (below(5) == 0) {
        step = cascade.called(Called::failed, step.tier);
      } else if (!cascade.holds(answered)) {
        step = cascade.called(Called::sent, answered);
      } else if (below(4) == 0) {
        step = cascade.called(Called::rejected, answered);
      } else {
        held = answered;
        step = cascade.called(Called::held, answered);
      }
    }
    if (step.act == Act::release) {
      ASSERT_EQ(held, step.tier);
    }
    ASSERT_TRUE(step.act != Act::fail || !held);
    ASSERT_LE(cascade.escalations(), std::max(most, 1U));
  }
}

}  // namespace
}  // namespace triage
