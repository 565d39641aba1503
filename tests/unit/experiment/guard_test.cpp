#include "experiment/guard.hpp"

#include <gtest/gtest.h>

namespace triage::experiment {
namespace {

constexpr GuardrailSpec feedback{QualitySignal::feedback, 0.02};
constexpr std::int64_t window = 10'000;

TEST(Guard, AWindowIsOneObservation) {
  Guard guard(feedback, window);
  for (int i = 0; i < 5; ++i) guard.add(0, true, 0.5, i % 2, 1000 * i);
  EXPECT_EQ(guard.arm(true).count, 5U);
  EXPECT_EQ(guard.observations(), 0U);
  guard.advance(9'999);
  EXPECT_EQ(guard.observations(), 0U);
  guard.advance(10'000);
  EXPECT_EQ(guard.observations(), 1U);
  guard.advance(1'000'000);
  EXPECT_EQ(guard.observations(), 1U) << "nothing was seen since";
}

TEST(Guard, EachWindowIsTwiceAsLong) {
  Guard guard(feedback, window);
  guard.add(0, true, 0.5, 1, 0);
  guard.advance(10'000);
  guard.add(0, true, 0.5, 1, 10'000);
  guard.advance(29'999);
  EXPECT_EQ(guard.observations(), 1U);
  guard.advance(30'000);
  EXPECT_EQ(guard.observations(), 2U);
  guard.add(0, true, 0.5, 1, 50'000);
  guard.advance(89'999);
  EXPECT_EQ(guard.observations(), 2U);
  guard.advance(90'000);
  EXPECT_EQ(guard.observations(), 3U);
}

TEST(Guard, AnotherShareOrArmIsAnotherWindow) {
  Guard guard(feedback, window);
  guard.add(0, false, 0.1, 1, 0);
  guard.add(0, true, 0.5, 0, 100);
  EXPECT_EQ(guard.observations(), 1U);
  guard.add(0, false, 0.1, 1, 200);  // feedback of before the rise: counted in its arm only
  EXPECT_EQ(guard.observations(), 1U);
  EXPECT_EQ(guard.arm(false).count, 2U);
  guard.advance(100 + window);
  EXPECT_EQ(guard.observations(), 2U);
}

TEST(Guard, WhereTheShareRisesTheShortestWindowComesAgain) {
  Guard guard(feedback, window);
  guard.add(0, false, 0.1, 1, 0);
  guard.advance(window);
  guard.add(0, false, 0.1, 1, window);  // lasts twice as long
  guard.add(0, true, 0.5, 1, window + 5'000);
  EXPECT_EQ(guard.observations(), 2U);
  guard.advance(window + 5'000 + window);
  EXPECT_EQ(guard.observations(), 3U);
}

TEST(Guard, AShareThatLeavesNoChoiceTellsNothing) {
  Guard guard(feedback, 0);
  guard.add(0, true, 1, 0, 0);
  guard.add(1, false, 0, 0, 0);
  EXPECT_EQ(guard.arm(true).count + guard.arm(false).count, 0U);
}

TEST(Guard, WithoutWindowsEachOutcomeCountsUpToTheLastWindow) {
  Guard guard(feedback, 0);
  for (int i = 0; i < 100; ++i) guard.add(0, true, 0.5, 1, 0);
  EXPECT_EQ(guard.observations(), std::uint64_t{statistics::GuardrailTest::numbers_max});
}

TEST(Guard, LatencyIsMeasuredByWhatControlTookBefore) {
  Guard guard({QualitySignal::latency, 0.02}, 0);
  for (std::uint32_t unit = 0; unit < 60; ++unit) guard.add(unit, false, 0.5, 100 + unit % 10, 0);
  const auto known = guard.arm(false).count;
  EXPECT_GT(known, 0U);
  EXPECT_LT(known, 60U) << "the first ones had nothing to be compared with";
  guard.add(100, true, 0.5, 500, 0);
  EXPECT_DOUBLE_EQ(guard.arm(true).mean(), 1);
  guard.add(101, true, 0.5, 90, 0);
  EXPECT_DOUBLE_EQ(guard.arm(true).mean(), 0.5);
}

TEST(Guard, CostIsAPartOfItsCap) {
  Guard guard({QualitySignal::cost, 0.02, 1, 0.01}, 0);
  guard.add(0, true, 0.5, 5e6, 0);
  EXPECT_DOUBLE_EQ(guard.arm(true).mean(), 0.5);
  guard.add(1, false, 0.5, 5e9, 0);
  EXPECT_DOUBLE_EQ(guard.arm(false).mean(), 1);
}

}  // namespace
}  // namespace triage::experiment
