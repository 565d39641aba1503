#include "statistics/outcomes.hpp"

#include "unit/statistics/simulation.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace triage::statistics {
namespace {

TEST(RunningQuantile, IsNearTheTrueOne) {
  Draws draws(40);
  RunningQuantile latencies;
  for (int i = 0; i < 3'000; ++i) latencies.add(1000 * std::exp(0.6 * draws.normal()));
  EXPECT_NEAR(latencies.quantile(0.5), 1000, 60);
  EXPECT_NEAR(latencies.quantile(0.95), 1000 * std::exp(0.6 * 1.645), 200);
}

TEST(RunningQuantile, FollowsAndForgets) {
  RunningQuantile latencies;
  EXPECT_EQ(latencies.quantile(0.95), 0);
  for (int i = 0; i < 10'000; ++i) latencies.add(100);
  for (int i = 0; i < 40'000; ++i) latencies.add(5'000);
  EXPECT_NEAR(latencies.quantile(0.05), 5'000, 200);
  EXPECT_LT(latencies.values(), 4'000);
  latencies.add(std::nan(""));
  latencies.add(-5);  // counts as 1
  latencies.add(1e300);
  EXPECT_LE(latencies.quantile(1e-9), 1.04);
}

TEST(Latency, IsOneAboveControlsPercentile) {
  Draws draws(41);
  LatencyOutcome latency;
  EXPECT_FALSE(latency.outcome(1).has_value());
  double slow = 0;
  constexpr int requests = 20'000;
  for (int i = 0; i < requests; ++i) {
    const double each = 800 * std::exp(0.6 * draws.normal());
    slow += latency.outcome(each).value_or(0.05);
    latency.learn(each);
  }
  EXPECT_NEAR(slow / requests, 0.05, 0.005);
}

TEST(Cost, IsAShareOfTheCap) {
  const CostOutcome configured(2'000);
  EXPECT_EQ(configured.outcome(500), 0.25);
  EXPECT_EQ(configured.outcome(9'000), 1);
  EXPECT_EQ(configured.outcome(-1), 0);

  CostOutcome learned(0);
  for (int i = 1; i <= 199; ++i) learned.learn(1'000 * i);
  EXPECT_FALSE(learned.outcome(500).has_value());
  learned.learn(0);  // tells nothing of what a request costs
  EXPECT_FALSE(learned.outcome(500).has_value());
  learned.learn(200'000);
  EXPECT_NEAR(learned.cap_nano_usd(), 198'000, 8'000);
  const double cap = learned.cap_nano_usd();
  learned.learn(1e9);
  EXPECT_EQ(learned.cap_nano_usd(), cap);
}

TEST(Outcomes, GoOnAfterARestartToTheLastBit) {
  Draws draws(42);
  LatencyOutcome latency;
  CostOutcome cost(0);
  for (int i = 0; i < 5'000; ++i) latency.learn(1e4 * draws.uniform());
  for (int i = 0; i < 150; ++i) cost.learn(1e6 * draws.uniform());
  LatencyOutcome latency_loaded;
  CostOutcome cost_loaded(0);
  ASSERT_TRUE(latency_loaded.load(latency.save()));
  ASSERT_TRUE(cost_loaded.load(cost.save()));
  for (int i = 0; i < 100; ++i) {
    const double each = 1e6 * draws.uniform();
    cost.learn(each);
    cost_loaded.learn(each);
  }
  EXPECT_EQ(latency_loaded.save(), latency.save());
  EXPECT_EQ(cost_loaded.save(), cost.save());
  EXPECT_FALSE(cost_loaded.load({}));
  EXPECT_FALSE(latency_loaded.load(std::vector<double>{1, 1e9, 1}));
  EXPECT_EQ(latency_loaded.save(), latency.save());
}

}  // namespace
}  // namespace triage::statistics
