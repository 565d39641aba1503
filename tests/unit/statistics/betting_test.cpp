#include "statistics/betting.hpp"

#include "unit/statistics/simulation.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace triage::statistics {
namespace {

constexpr double alpha = 0.05;

// Units until the test speaks, at most `units` + 1.
int units_to_rollback(const Metric& metric, double margin, double share, bool bad, int units, Draws& draws) {
  BettingTest test(margin, metric.larger_is_better);
  for (int i = 1; i <= units; ++i) {
    const bool treated = draws.chance(share);
    test.add({treated, share, metric.outcome(draws, bad && treated)});
    if (test.log_wealth() >= log_threshold(alpha)) return i;
  }
  return units + 1;
}

TEST(Betting, SeldomRollsBackATreatmentThatIsNoWorse) {
  Draws draws(1);
  for (const Metric& metric : metrics()) {
    constexpr int runs = 400;
    int rolled_back = 0;
    for (int run = 0; run < runs; ++run)
      rolled_back += units_to_rollback(metric, 0, run % 2 == 0 ? 0.5 : 0.1, false, 3'000, draws) <= 3'000 ? 1 : 0;
    EXPECT_LE(static_cast<double>(rolled_back) / runs, at_most(alpha, runs)) << metric.name;
  }
}

TEST(Betting, SeldomRollsBackATreatmentThatIsWorseByTheMargin) {
  Draws draws(2);
  constexpr int runs = 400;
  int rolled_back = 0;
  for (int run = 0; run < runs; ++run) {
    BettingTest test(0.05, false);
    bool reached = false;
    for (int i = 0; i < 2'000 && !reached; ++i) {
      const bool treated = draws.chance(0.5);
      test.add({treated, 0.5, coin(draws, treated ? 0.15 : 0.1)});
      reached = test.log_wealth() >= log_threshold(alpha);
    }
    rolled_back += reached ? 1 : 0;
  }
  EXPECT_LE(static_cast<double>(rolled_back) / runs, at_most(alpha, runs));
  EXPECT_GT(rolled_back, 2);  // the bound is nearly reached, not kept by doing nothing
}

TEST(Betting, TheMedianRunFindsABadTreatmentInTime) {
  Draws draws(3);
  for (const Metric& metric : metrics())
    for (const auto& [share, units] : {std::pair{0.5, metric.median_half}, {0.1, metric.median_tenth}}) {
      constexpr int runs = 101;
      int in_time = 0;
      for (int run = 0; run < runs; ++run)
        in_time += units_to_rollback(metric, metric.margin, share, true, units, draws) <= units ? 1 : 0;
      EXPECT_GT(in_time, runs / 2) << metric.name << " at a share of " << share;
    }
}

// In expectation the wealth of a fair game is 1: the mean over all sequences of arms and outcomes, weighted by their
// probabilities, is exactly that.
TEST(Betting, TheWealthOfAFairGameIsOneInExpectation) {
  for (const double rate : {0.1, 0.5, 0.9})
    for (const bool larger_is_better : {false, true})
      for (const double share : {0.01, 0.1, 0.5, 0.9}) {
        double expected = 0;
        constexpr int units = 5;
        for (int path = 0; path < 1 << (2 * units); ++path) {
          BettingTest test(0, larger_is_better);
          double probability = 1;
          for (int i = 0; i < units; ++i) {
            const bool treated = (path >> (2 * i) & 1) != 0;
            const bool one = (path >> (2 * i + 1) & 1) != 0;
            const double p = i < 3 ? share : 0.5;  // it changes
            probability *= (treated ? p : 1 - p) * (one ? rate : 1 - rate);
            test.add({treated, p, one ? 1.0 : 0.0});
          }
          expected += probability * std::exp(test.log_wealth());
        }
        EXPECT_NEAR(expected, 1, 1e-9) << rate << " " << share;
      }
}

TEST(Betting, LateDamageIsFoundThoughAllWentWellBefore) {
  Draws draws(4);
  constexpr int runs = 51;
  int found = 0;
  for (int run = 0; run < runs; ++run) {
    BettingTest test(0, true);
    for (int i = 0; i < 7'000 && test.log_wealth() < log_threshold(alpha); ++i) {
      const bool treated = draws.chance(0.5);
      test.add({treated, 0.5, coin(draws, treated && i >= 5'000 ? 0.7 : 0.8)});
    }
    found += test.units() > 5'000 && test.log_wealth() >= log_threshold(alpha) ? 1 : 0;
  }
  EXPECT_GT(found, runs / 2);
}

TEST(Betting, NonInferiorityIsSeenWhereItIsAndSeldomElsewhere) {
  Draws draws(5);
  constexpr int runs = 300;
  int seen = 0;
  int seen_falsely = 0;
  for (int run = 0; run < runs; ++run) {
    NonInferiorityTest equal(0.1, true);
    NonInferiorityTest worse(0.1, true);
    bool falsely = false;
    for (int i = 0; i < 3'000; ++i) {
      const bool treated = draws.chance(0.5);
      equal.add({treated, 0.5, coin(draws, 0.8)});
      worse.add({treated, 0.5, coin(draws, treated ? 0.7 : 0.8)});
      falsely = falsely || worse.log_wealth() >= log_threshold(alpha);
    }
    seen += equal.log_wealth() >= log_threshold(alpha) ? 1 : 0;
    seen_falsely += falsely ? 1 : 0;
  }
  EXPECT_GT(seen, runs * 9 / 10);
  EXPECT_LE(static_cast<double>(seen_falsely) / runs, at_most(alpha, runs));
}

TEST(Betting, LearnsNothingFromWhatTellsNothing) {
  BettingTest test(0, true);
  for (const double share : {0.0, 1.0, -1.0, std::nan("")}) test.add({true, share, 1});
  test.add({true, 0.5, std::nan("")});
  EXPECT_EQ(test.units(), 0U);
  EXPECT_EQ(test.log_wealth(), 0);
  test.add({true, 0.5, 7});  // counts as 1
  BettingTest same(0, true);
  same.add({true, 0.5, 1});
  EXPECT_EQ(test.save(), same.save());
}

TEST(Betting, GoesOnAfterARestartToTheLastBit) {
  Draws draws(6);
  BettingTest test(0.01, false);
  BettingTest restarted(0.01, false);
  for (int i = 0; i < 1'000; ++i) {
    const Observation seen{draws.chance(0.1), 0.1, draws.uniform()};
    test.add(seen);
    restarted.add(seen);
    BettingTest next(0.01, false);
    ASSERT_TRUE(next.load(restarted.save()));
    restarted = next;
  }
  EXPECT_EQ(test.save(), restarted.save());
  EXPECT_FALSE(restarted.load(std::vector<double>(3)));
  std::vector<double> broken = test.save();
  broken[2] = std::nan("");
  EXPECT_FALSE(restarted.load(broken));
  EXPECT_EQ(test.save(), restarted.save());
}

}  // namespace
}  // namespace triage::statistics
