#include "offline/plan.hpp"

#include "offline/plan_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace triage::offline {
namespace {

using testing::HasSubstr;

Workload work() {
  Workload out;
  out.cost_weak_usd = 0.0005;
  out.cost_strong_usd = 0.02;
  out.quality_weak = 0.7;
  out.quality_strong = 0.85;
  out.both_right = 0.65;
  return out;
}

TEST(Plan, TheFieldsWorkedExamples) {
  // 100,000 requests a day at 2 cents, 80 % of them to a model at 0.05 cents.
  EXPECT_NEAR(blended_cost_usd(work(), 0.8) * 100'000, 440, 1e-9);
  EXPECT_NEAR(blended_cost_usd(work(), 0) * 100'000, 2000, 1e-9);
  // 70/30 at 3 % of the price.
  Workload cheap;
  cheap.cost_weak_usd = 0.03;
  cheap.cost_strong_usd = 1;
  EXPECT_NEAR(1 - blended_cost_usd(cheap, 0.7), 0.679, 1e-9);
}

TEST(Plan, PreRouteBalanced) {
  const PlanPoint point = plan_point(work(), PlanPattern::pre_route, 0.8, 0);
  EXPECT_NEAR(point.sensitivity, 0.8, 1e-9);
  EXPECT_NEAR(point.specificity, 0.8, 1e-9);
  EXPECT_NEAR(point.up, 0.2 * 0.8 + 0.8 * 0.2, 1e-9);
  EXPECT_NEAR(point.quality, 0.65 + 0.2 * 0.8 + 0.05 * 0.8, 1e-9);
  EXPECT_NEAR(point.cost_usd, 0.0005 + 0.32 * 0.0195, 1e-9);
}

TEST(Plan, CascadeBalanced) {
  const PlanPoint point = plan_point(work(), PlanPattern::cascade, 0.8, 0);
  EXPECT_NEAR(point.up, 0.3 * 0.8 + 0.7 * 0.2, 1e-9);
  EXPECT_NEAR(point.quality, 0.65 + 0.2 * 0.8 + 0.05 * 0.8, 1e-9);
  EXPECT_NEAR(point.cost_usd, 0.0005 + 0.38 * 0.02, 1e-9);
}

TEST(Plan, EnsembleAsksBoth) {
  const PlanPoint point = plan_point(work(), PlanPattern::ensemble, 0.9, 0);
  EXPECT_NEAR(point.quality, 0.65 + 0.25 * 0.9, 1e-9);
  EXPECT_NEAR(point.cost_usd, 0.0205, 1e-9);
}

TEST(Plan, ThresholdsReachBothConstantModels) {
  for (const PlanPattern pattern : {PlanPattern::pre_route, PlanPattern::cascade}) {
    EXPECT_NEAR(plan_point(work(), pattern, 0.7, -9).quality, 0.7, 1e-6);
    EXPECT_NEAR(plan_point(work(), pattern, 0.7, 9).quality, 0.85, 1e-6);
  }
}

TEST(Plan, TheCheapestPointJustKeepsTheBudget) {
  for (const PlanPattern pattern : {PlanPattern::pre_route, PlanPattern::cascade}) {
    const auto point = cheapest(work(), pattern, 0.75);
    ASSERT_TRUE(point);
    EXPECT_NEAR(point->quality, 0.83, 1e-6);
  }
  EXPECT_FALSE(cheapest(work(), PlanPattern::ensemble, 0.6));
}

TEST(Plan, BetterRoutersCostLess) {
  double before = 1;
  for (const double accuracy : {0.55, 0.65, 0.75, 0.85, 0.95}) {
    const double cost = cheapest(work(), PlanPattern::pre_route, accuracy)->cost_usd;
    EXPECT_LT(cost, before);
    before = cost;
  }
}

TEST(Plan, TheBreakEvenIsWhereTheCostsMeet) {
  const Plan plan = make_plan(work());
  ASSERT_TRUE(plan.break_even);
  EXPECT_GT(*plan.break_even, 0.5);
  EXPECT_NEAR(cheapest(work(), PlanPattern::cascade, *plan.break_even)->cost_usd, plan.patterns[0].within->cost_usd,
              1e-6);
}

TEST(Plan, AnExpensiveWeakModelMakesNoCascade) {
  Workload expensive = work();
  expensive.cost_weak_usd = 0.019;
  EXPECT_FALSE(make_plan(expensive).break_even);
}

TEST(Plan, AGoodWeakModelIsEnough) {
  Workload good = work();
  good.quality_weak = 0.84;
  EXPECT_TRUE(make_plan(good).weak_is_enough);
  PlanSubject subject;
  subject.has_quality = true;
  EXPECT_THAT(plan_text(subject, good), HasSubstr("recommended: always-weak"));
  EXPECT_EQ(plan_json(subject, good)["recommended"], "always-weak");
}

TEST(Plan, ThePageIsMarkup) {
  PlanSubject subject;
  subject.has_quality = true;
  subject.notes = {"<script>alert(1)</script>"};
  const std::string page = plan_page(subject, work());
  EXPECT_THAT(page, testing::Not(HasSubstr("<script")));
  EXPECT_THAT(page, HasSubstr("<polyline"));
}

}  // namespace
}  // namespace triage::offline
