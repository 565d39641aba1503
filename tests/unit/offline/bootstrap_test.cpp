#include "offline/bootstrap.hpp"

#include "unit/offline/sample.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace triage::offline {
namespace {

Estimate mean_weak(const Outcomes& rows, const Resampling& how) {
  return bootstrap(rows, how,
                   [&](std::span<const double> weights) { return std::vector<double>{mean(rows.weak, weights)}; })[0];
}

TEST(Bootstrap, IntervalIsThatOfTheNormalApproximation) {
  const Sample sample = draw_sample(2000, 1);
  const Estimate found = mean_weak(sample.rows, {2000, 1, {}});
  const double error = 1.96 * std::sqrt(found.value * (1 - found.value) / 2000);
  EXPECT_NEAR(found.interval.low, found.value - error, 0.1 * error);
  EXPECT_NEAR(found.interval.high, found.value + error, 0.1 * error);
}

TEST(Bootstrap, ASeedGivesTheSameAgain) {
  const Sample sample = draw_sample(200, 1);
  EXPECT_EQ(mean_weak(sample.rows, {200, 1}).interval.low, mean_weak(sample.rows, {200, 1}).interval.low);
  EXPECT_NE(mean_weak(sample.rows, {200, 1}).interval.low, mean_weak(sample.rows, {200, 2}).interval.low);
}

TEST(Bootstrap, RowsOfOneQuestionComeTogether) {
  Outcomes rows = draw_sample(400, 1).rows;
  const Estimate apart = mean_weak(rows, {1000, 1});
  const std::vector<double> weak = rows.weak;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows.unit[i] = i / 20;
    rows.weak[i] = weak[i / 20];  // all twenty alike
  }
  rows.units = 20;
  const Estimate together = mean_weak(rows, {1000, 1});
  EXPECT_GT(together.interval.high - together.interval.low, 3 * (apart.interval.high - apart.interval.low));
}

TEST(Bootstrap, StatisticsThatAreMostlyNotDefinedHaveNoInterval) {
  const Sample sample = draw_sample(50, 1);
  int calls = 0;
  const auto found = bootstrap(sample.rows, {100, 1}, [&](std::span<const double>) {
    return std::vector<double>{calls++ % 3 == 0 ? 1.0 : std::numeric_limits<double>::quiet_NaN()};
  });
  EXPECT_TRUE(std::isnan(found[0].interval.low));
}

}  // namespace
}  // namespace triage::offline
