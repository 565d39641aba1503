#include "statistics/confidence.hpp"

#include "unit/statistics/simulation.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace triage::statistics {
namespace {

constexpr double alpha = 0.05;

// Runs in which the interval leaves the truth at any of many looks.
template <class Sequence, class Add>
double missed(Sequence fresh, double truth, int values, int runs, Add add) {
  int out = 0;
  for (int run = 0; run < runs; ++run) {
    Sequence sequence = fresh;
    bool left = false;
    for (int i = 1; i <= values && !left; ++i) {
      add(sequence);
      if (i > 20 && i % 25 != 0) continue;  // a look
      const Interval interval = sequence.interval(alpha);
      left = truth < interval.low || truth > interval.high;
    }
    out += left ? 1 : 0;
  }
  return static_cast<double>(out) / runs;
}

TEST(Confidence, HoldsTheMeanAtAllTimes) {
  Draws draws(30);
  constexpr int runs = 300;
  for (const double rate : {0.01, 0.3, 0.8})
    EXPECT_LE(missed(ConfidenceSequence(), rate, 1'000, runs, [&](auto& s) { s.add(coin(draws, rate)); }),
              at_most(alpha, runs))
        << rate;
  EXPECT_LE(missed(ConfidenceSequence(), 0.5, 1'000, runs, [&](auto& s) { s.add(draws.uniform()); }),
            at_most(alpha, runs));
}

TEST(Confidence, IsNarrowEnoughToBeOfUse) {
  Draws draws(31);
  ConfidenceSequence coins;
  ConfidenceSequence scores;
  for (int i = 0; i < 1'000; ++i) {
    coins.add(coin(draws, 0.8));
    scores.add(0.5 + 0.02 * (draws.uniform() - 0.5));
  }
  const Interval wide = coins.interval(alpha);
  EXPECT_LT(wide.high - wide.low, 0.1);  // fixed beforehand it would be 0.05
  const Interval narrow = scores.interval(alpha);
  EXPECT_LT(narrow.high - narrow.low, 0.03);
  EXPECT_LT(narrow.low, scores.mean());
  EXPECT_GT(narrow.high, scores.mean());
}

TEST(Confidence, ExtremesAndNothing) {
  ConfidenceSequence sequence;
  EXPECT_EQ(sequence.interval(alpha).low, 0);
  EXPECT_EQ(sequence.interval(alpha).high, 1);
  sequence.add(std::nan(""));
  EXPECT_EQ(sequence.values(), 0U);
  for (int i = 0; i < 100; ++i) sequence.add(1);
  EXPECT_EQ(sequence.interval(alpha).high, 1);
  EXPECT_GT(sequence.interval(alpha).low, 0.9);
}

TEST(Difference, HoldsTheEffectAtAllTimes) {
  Draws draws(32);
  constexpr int runs = 200;
  for (const double share : {0.1, 0.5})
    EXPECT_LE(missed(DifferenceSequence(), -0.1, 1'500, runs,
                     [&](auto& s) {
                       const bool treated = draws.chance(share);
                       s.add({treated, share, coin(draws, treated ? 0.7 : 0.8)});
                     }),
              at_most(alpha, runs))
        << share;
}

TEST(Difference, EstimatesTheEffect) {
  Draws draws(33);
  DifferenceSequence sequence;
  EXPECT_EQ(sequence.interval(alpha).low, -1);
  EXPECT_EQ(sequence.interval(alpha).high, 1);
  for (int i = 0; i < 20'000; ++i) {
    const double share = i < 10'000 ? 0.1 : 0.5;
    const bool treated = draws.chance(share);
    sequence.add({treated, share, coin(draws, treated ? 0.7 : 0.8)});
  }
  EXPECT_NEAR(sequence.estimate(), -0.1, 0.02);
  const Interval interval = sequence.interval(alpha);
  EXPECT_LT(interval.high, -0.05);
  EXPECT_GT(interval.low, -0.15);
}

TEST(Difference, GoesOnAfterARestartToTheLastBit) {
  Draws draws(34);
  DifferenceSequence test;
  ConfidenceSequence mean;
  for (int i = 0; i < 500; ++i) {
    test.add({draws.chance(0.2), 0.2, draws.uniform()});
    mean.add(draws.uniform());
  }
  DifferenceSequence loaded;
  ConfidenceSequence loaded_mean;
  ASSERT_TRUE(loaded.load(test.save()));
  ASSERT_TRUE(loaded_mean.load(mean.save()));
  EXPECT_EQ(loaded.save(), test.save());
  EXPECT_EQ(loaded.interval(alpha).low, test.interval(alpha).low);
  EXPECT_EQ(loaded_mean.interval(alpha).high, mean.interval(alpha).high);
}

}  // namespace
}  // namespace triage::statistics
