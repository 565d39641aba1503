#include "offline/ranking.hpp"

#include "unit/offline/sample.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace triage::offline {
namespace {

Outcomes ten() {
  return outcomes_of({1, 1, 0, 1, 0, 0, 1, 0, 1, 0}, {1, 1, 1, 1, 1, 0, 1, 1, 0, 1});
}

std::vector<double> rising(std::size_t count) {
  std::vector<double> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(static_cast<double>(i) / static_cast<double>(count));
  return out;
}

TEST(Ranking, CurveGoesFromWeakToStrong) {
  const Outcomes rows = ten();
  const Ranking ranking("r", rising(10), rows, Pattern::pre_route);
  const auto curve = ranking.curve(ones(rows));
  ASSERT_EQ(curve.size(), 11U);
  EXPECT_EQ(curve.front().share, 0);
  EXPECT_DOUBLE_EQ(curve.front().quality, 0.5);
  EXPECT_TRUE(std::isinf(curve.front().threshold));
  EXPECT_DOUBLE_EQ(curve[1].quality, 0.6);  // row 9 goes up
  EXPECT_DOUBLE_EQ(curve[2].quality, 0.5);  // and row 8, whose weak answer was right
  EXPECT_EQ(curve.back().share, 1);
  EXPECT_DOUBLE_EQ(curve.back().quality, 0.8);
  EXPECT_EQ(curve.back().threshold, 0);
}

// The values are those of numpy and pandas for RouteLLM's formulas on the same rows:
//   t = pd.qcut(s, 10, retbins=True)[1]; points (s >= t[i]; s > t[10]); np.trapz; np.interp
TEST(Ranking, MeasuresAreThoseOfRouteLlm) {
  const Outcomes rows = ten();
  const Measures found = Ranking("r", rising(10), rows, Pattern::pre_route).measure(ones(rows));
  EXPECT_NEAR(found.apgr, 0.5166666666666667, 1e-12);
  EXPECT_NEAR(found.cpt[0], 0.06, 1e-12);
  EXPECT_NEAR(found.cpt[1], 0.55, 1e-12);
  EXPECT_NEAR(found.cpt[2], 0.74, 1e-12);
}

TEST(Ranking, AConstantScoreIsChance) {
  const Outcomes rows = ten();
  const Ranking ranking("r", std::vector<double>(10, 0.3), rows, Pattern::pre_route);
  EXPECT_TRUE(ranking.constant());
  const Measures found = ranking.measure(ones(rows));
  EXPECT_NEAR(found.apgr_exact, 0.5, 1e-12);
  EXPECT_NEAR(found.cpt_exact[1], 0.5, 1e-12);
}

TEST(Ranking, TheOrderOfTiedRowsDoesNotMatter) {
  const Outcomes rows = outcomes_of({1, 0, 0, 1}, {1, 1, 1, 1});
  const Outcomes turned = outcomes_of({0, 1, 1, 0}, {1, 1, 1, 1});
  const std::vector<double> scores{0.5, 0.5, 0.1, 0.1};
  const auto a = Ranking("r", scores, rows, Pattern::pre_route).measure(ones(rows));
  const auto b = Ranking("r", scores, turned, Pattern::pre_route).measure(ones(turned));
  EXPECT_DOUBLE_EQ(a.apgr_exact, b.apgr_exact);
  EXPECT_DOUBLE_EQ(a.apgr, b.apgr);
}

TEST(Ranking, NothingIsDefinedWhereTheStrongModelIsNotBetter) {
  const Outcomes rows = outcomes_of({1, 1}, {1, 0});
  const Measures found = Ranking("r", {0.1, 0.2}, rows, Pattern::pre_route).measure(ones(rows));
  EXPECT_TRUE(std::isnan(found.apgr));
  EXPECT_TRUE(std::isnan(found.cpt[1]));
  EXPECT_TRUE(std::isnan(found.apgr_exact));
}

TEST(Ranking, WeightsCountLikeRepeatedRows) {
  const Outcomes rows = ten();
  const Ranking ranking("r", rising(10), rows, Pattern::pre_route);
  const Weights weights{2, 0, 1, 1, 3, 1, 0, 1, 1, 0};
  Outcomes repeated;
  std::vector<double> scores;
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (int times = 0; times < weights[i]; ++times) {
      repeated.weak.push_back(rows.weak[i]);
      repeated.strong.push_back(rows.strong[i]);
      scores.push_back(rising(10)[i]);
    }
  const Measures a = ranking.measure(weights);
  const Measures b = Ranking("r", scores, repeated, Pattern::pre_route).measure(ones(repeated));
  EXPECT_NEAR(a.apgr, b.apgr, 1e-12);
  EXPECT_NEAR(a.apgr_exact, b.apgr_exact, 1e-12);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(a.cpt[i], b.cpt[i], 1e-12);
}

TEST(Ranking, ACascadePaysTheWeakCallFirst) {
  Outcomes rows = ten();
  rows.cost_weak_usd.assign(10, 1);
  rows.cost_strong_usd.assign(10, 10);
  const auto routed = Ranking("r", rising(10), rows, Pattern::pre_route).curve(ones(rows));
  const auto cascade = Ranking("r", rising(10), rows, Pattern::cascade).curve(ones(rows));
  EXPECT_DOUBLE_EQ(routed.front().cost_usd, 1);
  EXPECT_DOUBLE_EQ(cascade.front().cost_usd, 1);
  EXPECT_DOUBLE_EQ(routed.back().cost_usd, 10);
  EXPECT_DOUBLE_EQ(cascade.back().cost_usd, 11);
  EXPECT_DOUBLE_EQ(cascade[1].cost_usd, 2);
  const Measures a = Ranking("r", rising(10), rows, Pattern::pre_route).measure(ones(rows));
  const Measures b = Ranking("r", rising(10), rows, Pattern::cascade).measure(ones(rows));
  EXPECT_DOUBLE_EQ(a.apgr, b.apgr);
  EXPECT_DOUBLE_EQ(a.apgr_cost, a.apgr_exact);  // all calls cost the same: cost is share
  EXPECT_LT(b.apgr_cost, a.apgr_cost);
}

TEST(Ranking, QualityIsReadBetweenPoints) {
  const std::vector<CurvePoint> curve{{1, 0, 0.5, 1}, {0.5, 0.5, 0.7, 6}, {0, 1, 0.9, 11}};
  EXPECT_DOUBLE_EQ(quality_at_share(curve, 0.25), 0.6);
  EXPECT_DOUBLE_EQ(quality_at_share(curve, 1), 0.9);
  EXPECT_DOUBLE_EQ(quality_at_cost(curve, 8.5), 0.8);
  EXPECT_DOUBLE_EQ(quality_at_cost(curve, 20), 0.9);
  EXPECT_TRUE(std::isnan(quality_at_cost(curve, 0.5)));
}

TEST(Ranking, AGoodScoreRanksAboveChance) {
  const Sample sample = draw_sample(4000, 3);
  const Measures found = Ranking("r", sample.scores, sample.rows, Pattern::pre_route).measure(ones(sample.rows));
  // The gain at score s is 0.8 s - 0.1, so that PGR(share u) = (0.7 u - 0.4 u^2) / 0.3; its mean is 0.7222.
  EXPECT_NEAR(found.apgr_exact, 0.7222, 0.03);
  EXPECT_NEAR(found.apgr, found.apgr_exact, 0.02);
}

}  // namespace
}  // namespace triage::offline
