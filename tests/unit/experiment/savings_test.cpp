#include "experiment/savings.hpp"

#include "experiment/traffic.hpp"
#include "statistics/guardrail.hpp"
#include "unit/experiment/journal.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace triage::experiment {
namespace {

TEST(Savings, AreARatioOverUnits) {
  Savings savings;
  EXPECT_FALSE(savings.saved());
  savings.add(0, false, 1, 100);
  savings.add(0, false, 1, 300);
  savings.add(1, false, 1, 200);
  savings.add(2, true, 1, 50);
  savings.add(3, true, 1, 100);
  savings.add(3, true, 0, 50);  // a grade
  EXPECT_DOUBLE_EQ(savings.arm(false).mean(), 200);
  EXPECT_DOUBLE_EQ(savings.arm(true).mean(), 100);
  EXPECT_DOUBLE_EQ(savings.arm(true).n, 2);
  const auto saved = savings.saved();
  ASSERT_TRUE(saved);
  EXPECT_DOUBLE_EQ(saved->estimate, 0.5);
  EXPECT_LT(saved->low, 0.5);
  EXPECT_GT(saved->high, 0.5);
}

TEST(Savings, AUnitThatMovesIsInBothArmsWithWhatItDidThere) {
  Savings savings;
  savings.add(0, false, 1, 100);
  savings.add(0, true, 1, 10);
  savings.add(0, true, 1, 30);
  EXPECT_DOUBLE_EQ(savings.arm(false).c, 100);
  EXPECT_DOUBLE_EQ(savings.arm(true).c, 40);
  EXPECT_DOUBLE_EQ(savings.arm(false).units, 1);
  EXPECT_DOUBLE_EQ(savings.arm(true).cc, 1600);
}

// Units that ask more than once and cost more than others: 95 % of the intervals hold what is true.
TEST(Savings, TheIntervalCovers) {
  Chance chance(1);
  int covered = 0;
  constexpr int runs = 400;
  for (int run = 0; run < runs; ++run) {
    Savings savings;
    for (std::uint32_t unit = 0; unit < 300; ++unit) {
      const bool treated = unit % 2 == 1;
      const double level = 50 + 100 * chance.share();
      const int requests = 1 + static_cast<int>(chance.whole() % 8);
      for (int i = 0; i < requests; ++i)
        savings.add(unit, treated, 1, level * (0.5 + chance.share()) * (treated ? 0.7 : 1));
    }
    const auto saved = savings.saved();
    covered += saved->low <= 0.3 && 0.3 <= saved->high ? 1 : 0;
  }
  EXPECT_GE(covered, runs * 92 / 100);
  EXPECT_LE(covered, runs * 98 / 100);
}

// The formula against the test itself: the median of the units that it takes.
TEST(Forecast, AgreesWithTheTest) {
  struct Case {
    double share, mean, effect;
  };
  for (const Case& it : {Case{0.5, 0.8, 0.1}, Case{0.1, 0.8, 0.1}, Case{0.5, 0.05, 0.05}}) {
    const bool larger = it.mean > 0.5;
    const QualitySignal signal = larger ? QualitySignal::feedback : QualitySignal::refusal;
    Plan plan = plan_with({{signal, 0.02}}, {{it.share, milliseconds(86'400'000), 1}, {1}});
    Traffic traffic;
    traffic.days = 1;
    for (int i = 0; i < 1000; ++i) traffic.signals[static_cast<std::size_t>(signal)].add(i < it.mean * 1000 ? 1 : 0);
    const auto stages = forecast(plan, traffic, 1000, it.effect);
    ASSERT_EQ(stages.size(), 1U);
    ASSERT_TRUE(stages[0].guardrails[0].days_to_find);
    const double told = *stages[0].guardrails[0].days_to_find * 1000;

    std::vector<double> found;
    for (std::uint64_t run = 0; run < 61; ++run) {
      Chance chance(run);
      statistics::GuardrailTest test(0.02, larger);
      double units = 0;
      while (test.log_evidence() < statistics::guardrail_threshold(0.05, 1, 1) && units < 100'000) {
        const bool treated = chance.with(it.share);
        const double mean = it.mean + (treated ? (larger ? -it.effect : it.effect) : 0);
        test.add({}, {treated, it.share, chance.with(mean) ? 1.0 : 0.0});
        ++units;
      }
      found.push_back(units);
    }
    std::ranges::nth_element(found, found.begin() + 30);
    EXPECT_LT(told, found[30] * 2) << it.share << ' ' << it.mean;
    EXPECT_GT(told, found[30] / 2) << it.share << ' ' << it.mean;
  }
}

TEST(Forecast, WhatTrafficDoesNotFeedIsNotFound) {
  const Plan plan = plan_with({{QualitySignal::feedback, 0.02}}, {{0.5, milliseconds(1000), 1}, {1}});
  const auto stages = forecast(plan, Traffic{1, 10, 0, {}, 0, 0}, 10, 0.05);
  EXPECT_FALSE(stages[0].guardrails[0].detectable);
  EXPECT_FALSE(stages[0].guardrails[0].days_to_find);
  EXPECT_EQ(stages[0].guardrails[0].outcomes_a_day, 0);
}

}  // namespace
}  // namespace triage::experiment
