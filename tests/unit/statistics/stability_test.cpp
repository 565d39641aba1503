#include "statistics/stability.hpp"

#include "statistics/distributions.hpp"
#include "unit/statistics/simulation.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace triage::statistics {
namespace {

// Critical values as tables print them.
TEST(Distributions, QuantilesAreThoseOfTables) {
  EXPECT_NEAR(normal_quantile(0.975), 1.959964, 1e-6);
  EXPECT_NEAR(normal_quantile(0.001), -3.090232, 1e-6);
  EXPECT_NEAR(student_quantile(0.975, 10), 2.228139, 1e-6);
  EXPECT_NEAR(student_quantile(0.975, 1), 12.7062, 1e-4);
  EXPECT_NEAR(student_quantile(0.025, 1e6), -1.959966, 1e-5);
  EXPECT_NEAR(chi_square_quantile(0.95, 9), 16.918978, 1e-6);
  EXPECT_NEAR(chi_square_quantile(0.99, 1), 6.634897, 1e-6);
  EXPECT_NEAR(chi_square_quantile(0.05, 100), 77.929465, 1e-5);
  EXPECT_NEAR(chi_square_probability(16.918978, 9), 0.95, 1e-7);
}

TEST(Stability, TheIndexIsZeroForEqualSharesAndSymmetric) {
  const std::array<double, 3> one{100, 200, 300};
  const std::array<double, 3> twice{200, 400, 600};
  const std::array<double, 3> other{300, 200, 100};
  EXPECT_NEAR(stability_index(one, twice), 0, 1e-4);
  EXPECT_NEAR(stability_index(one, other), stability_index(other, one), 1e-12);
  EXPECT_GT(stability_index(one, other), 0.25);
  EXPECT_TRUE(std::isfinite(stability_index(one, std::array<double, 3>{0, 0, 600})));
}

double alarms(int windows, double shift, Draws& draws) {
  int alarms = 0;
  int compared = 0;
  while (compared < windows) {
    StabilityWatch watch({.reference = 1'000, .window = 300}, 0.02);
    for (int i = 0; i < 1'000; ++i) watch.add(draws.normal());
    for (int i = 0; i < 5 * 300; ++i)
      if (const auto found = watch.add(draws.normal() + shift)) {
        ++compared;
        alarms += found->drifted() ? 1 : 0;
      }
  }
  return static_cast<double>(alarms) / compared;
}

TEST(Stability, FalseAlarmsAreAsSeldomAsStated) {
  Draws draws(60);
  const double share = alarms(1'000, 0, draws);
  EXPECT_LE(share, 0.02 + 4 * std::sqrt(0.02 * 0.98 / 1'000));  // windows of one reference are not independent
  EXPECT_GT(share, 0.004);
}

TEST(Stability, SeesADistributionThatMoves) {
  Draws draws(61);
  EXPECT_GT(alarms(100, 0.5, draws), 0.95);
}

TEST(Stability, EqualNumbersMakeFewerCategories) {
  StabilityWatch watch({.reference = 100, .window = 50}, 0.01);
  for (int i = 0; i < 100; ++i) watch.add(i < 95 ? 7 : 8);
  EXPECT_FALSE(watch.learning());
  std::optional<Stability> found;
  for (int i = 0; i < 50; ++i) found = watch.add(7);
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->drifted());
  for (int i = 0; i < 50; ++i) found = watch.add(8);
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->drifted());
  watch.restart();
  EXPECT_TRUE(watch.learning());
}

TEST(Stability, GoesOnAfterARestartToTheLastBit) {
  Draws draws(62);
  StabilityWatch watch({.reference = 100, .window = 50}, 0.01);
  StabilityWatch restarted({.reference = 100, .window = 50}, 0.01);
  for (int i = 0; i < 400; ++i) {
    const double value = draws.normal();
    const auto found = watch.add(value);
    const auto same = restarted.add(value);
    ASSERT_EQ(found.has_value(), same.has_value());
    if (found) {
      EXPECT_EQ(found->index, same->index);
      EXPECT_EQ(found->threshold, same->threshold);
    }
    StabilityWatch next({.reference = 100, .window = 50}, 0.01);
    ASSERT_TRUE(next.load(restarted.save()));
    restarted = next;
  }
  EXPECT_EQ(watch.save(), restarted.save());
  EXPECT_FALSE(restarted.load({}));
  EXPECT_FALSE(restarted.load(std::vector<double>{9, 0, 1}));
}

}  // namespace
}  // namespace triage::statistics
