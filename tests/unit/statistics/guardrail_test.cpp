#include "statistics/guardrail.hpp"

#include "unit/statistics/simulation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace triage::statistics {
namespace {

constexpr double alpha = 0.05;

TEST(Guardrail, ThePartsSumUpToOne) {
  double sum = window_part(1, 1);
  for (std::uint32_t stage = 1; stage <= 2'000; ++stage)
    for (std::uint32_t number = stage == 1 ? 2 : 1; number <= 2'000; ++number) sum += window_part(stage, number);
  EXPECT_LE(sum, 1);
  EXPECT_GT(sum, 0.999);
  EXPECT_EQ(window_part(1, 1), first_part);
}

TEST(Guardrail, AlphaIsDividedByWeightAndTheDisasterRulesPart) {
  const double parts = std::exp(-guardrail_threshold(alpha, 1, 4)) + std::exp(-guardrail_threshold(alpha, 3, 4)) +
                       std::exp(-disaster_threshold(alpha));
  EXPECT_NEAR(parts, alpha, 1e-12);
}

// Users who differ much, and come again and again. A test that takes each request as a unit of its own rolls back
// falsely; one that takes the k-th windows of all users together does not.
TEST(Guardrail, StickyUsersDoNotRollBackAnEqualTreatment) {
  constexpr int runs = 300;
  int by_request = 0;
  int by_window = 0;
  for (int run = 0; run < runs; ++run) {
    Draws draws(100 + static_cast<std::uint64_t>(run));
    BettingTest requests(0, true);
    GuardrailTest guardrail(0, true);
    bool requests_reached = false;
    bool guardrail_reached = false;
    constexpr std::size_t users = 60;
    std::vector<bool> treated;
    std::vector<double> rate;
    for (std::size_t user = 0; user < users; ++user) {
      treated.push_back(draws.chance(0.5));
      rate.push_back(draws.uniform());
    }
    for (std::uint32_t window = 1; window <= 6; ++window)
      for (std::size_t user = 0; user < users; ++user) {
        const int count = 2 << window;
        double sum = 0;
        for (int i = 0; i < count; ++i) {
          const double value = coin(draws, rate[user]);
          sum += value;
          requests.add({treated[user], 0.5, value});
          requests_reached = requests_reached || requests.log_wealth() >= log_threshold(alpha);
        }
        guardrail.add({window == 1, 1, window}, {treated[user], 0.5, sum / count});
        guardrail_reached = guardrail_reached || guardrail.log_evidence() >= log_threshold(alpha);
      }
    by_request += requests_reached ? 1 : 0;
    by_window += guardrail_reached ? 1 : 0;
  }
  EXPECT_GT(by_request, runs / 5);
  EXPECT_LE(static_cast<double>(by_window) / runs, at_most(alpha, runs));
}

TEST(Guardrail, ANewStageFindsWhatTheFirstWindowsCannot) {
  Draws draws(7);
  GuardrailTest guardrail(0, true);
  for (std::uint32_t stage = 1; stage <= 3; ++stage)
    for (int user = 0; user < 400; ++user) {
      const bool treated = draws.chance(0.5);
      const bool bad = treated && stage == 3;
      guardrail.add({stage == 1, stage, 1}, {treated, 0.5, coin(draws, bad ? 0.5 : 0.8)});
    }
  EXPECT_GE(guardrail.log_evidence(), log_threshold(alpha));
}

TEST(Guardrail, UnitsThatDoNotReturnHaveTheWholeAlpha) {
  Draws draws(8);
  GuardrailTest once(0, false, false);
  GuardrailTest again(0, false);
  BettingTest test(0, false);
  for (int i = 0; i < 500; ++i) {
    const Observation seen{draws.chance(0.5), 0.5, draws.uniform()};
    for (GuardrailTest* each : {&once, &again}) each->add({}, seen);
    once.add({false, 1, 2}, seen);  // there is none
    test.add(seen);
  }
  EXPECT_EQ(once.log_evidence(), test.log_wealth());
  EXPECT_NEAR(again.log_evidence(), test.log_wealth() + std::log(first_part), 1e-12);
  EXPECT_EQ(once.units(), 500U);
}

TEST(Guardrail, AFirstWindowInALaterStageCountsInBothTests) {
  GuardrailTest guardrail(0, false);
  for (int i = 0; i < 400; ++i) guardrail.add({true, 2, 1}, {i % 2 == 0, 0.5, i % 2 == 0 ? 1.0 : 0.0});
  BettingTest test(0, false);
  for (int i = 0; i < 400; ++i) test.add({i % 2 == 0, 0.5, i % 2 == 0 ? 1.0 : 0.0});
  EXPECT_EQ(guardrail.units(), 400U);
  EXPECT_EQ(guardrail.log_evidence(), test.log_wealth() + std::log(first_part));
}

TEST(Guardrail, GoesOnAfterARestartToTheLastBit) {
  Draws draws(9);
  GuardrailTest test(0.01, true);
  GuardrailTest restarted(0.01, true);
  for (int i = 0; i < 1'000; ++i) {
    const UnitWindow window{draws.chance(0.3), 1 + static_cast<std::uint32_t>(i / 400),
                            1 + static_cast<std::uint32_t>(draws.below(5))};
    const Observation seen{draws.chance(0.3), 0.3, draws.uniform()};
    test.add(window, seen);
    restarted.add(window, seen);
    GuardrailTest next(0.01, true);
    ASSERT_TRUE(next.load(restarted.save()));
    restarted = next;
  }
  EXPECT_EQ(restarted.save(), test.save());
  EXPECT_EQ(restarted.log_evidence(), test.log_evidence());
  EXPECT_EQ(restarted.units(), test.units());
  EXPECT_FALSE(restarted.load(std::vector<double>(5)));
  std::vector<double> broken = test.save();
  broken[BettingTest::state_size + 1] = 0;  // no such stage
  EXPECT_FALSE(restarted.load(broken));
  EXPECT_EQ(restarted.save(), test.save());
}

// Treated requests until errors of 1 % that become 50 % are found.
int treated_to_disaster(DisasterTest& test, Draws& draws) {
  int treated_units = 0;
  while (test.log_evidence() < disaster_threshold(alpha) && treated_units < 1'000) {
    const bool treated = draws.chance(0.1);
    treated_units += treated ? 1 : 0;
    test.add({treated, 0.1, coin(draws, treated ? 0.5 : 0.01)});
  }
  return treated_units;
}

TEST(Disaster, IsFoundWithinSixtyTreatedRequests) {
  Draws draws(10);
  std::vector<int> fresh;
  std::vector<int> late;
  for (int run = 0; run < 200; ++run) {
    DisasterTest first;
    fresh.push_back(treated_to_disaster(first, draws));
    DisasterTest hundredth;
    for (int epoch = 1; epoch < 100; ++epoch) hundredth.next_epoch();
    late.push_back(treated_to_disaster(hundredth, draws));
  }
  EXPECT_LE(*std::ranges::max_element(fresh), 60);
  std::ranges::sort(fresh);
  std::ranges::sort(late);
  EXPECT_LE(fresh[100], 15);
  EXPECT_LE(late[100], 30);
}

TEST(Disaster, KeepsItsPartOfAlphaOverManyEpochs) {
  Draws draws(11);
  constexpr int runs = 1'000;
  int rolled_back = 0;
  for (int run = 0; run < runs; ++run) {
    DisasterTest test;
    bool reached = false;
    for (int epoch = 0; epoch < 5; ++epoch, test.next_epoch())
      for (int i = 0; i < 200; ++i) {
        const bool treated = draws.chance(0.1);
        test.add({treated, 0.1, coin(draws, treated ? 0.25 : 0.2)});  // worse by the rule's margin
        reached = reached || test.log_evidence() >= disaster_threshold(alpha);
      }
    rolled_back += reached ? 1 : 0;
  }
  EXPECT_LE(static_cast<double>(rolled_back) / runs, at_most(alpha * disaster_part, runs));
}

TEST(Disaster, GoesOnAfterARestartToTheLastBit) {
  Draws draws(12);
  DisasterTest test;
  test.next_epoch();
  for (int i = 0; i < 100; ++i) test.add({draws.chance(0.1), 0.1, coin(draws, 0.1)});
  DisasterTest loaded;
  ASSERT_TRUE(loaded.load(test.save()));
  EXPECT_EQ(loaded.log_evidence(), test.log_evidence());
  EXPECT_EQ(loaded.save(), test.save());
  EXPECT_FALSE(loaded.load({}));
}

}  // namespace
}  // namespace triage::statistics
