#include "offline/evaluation.hpp"

#include "offline/report.hpp"
#include "unit/offline/sample.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace triage::offline {
namespace {

using testing::AnyOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

const Resampling fast{200, 1, {}};

Decisions where(const Outcomes& rows, auto up) {
  Decisions out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out.up.push_back(up(i) ? 1 : 0);
    out.tried.push_back(0);
  }
  return out;
}

Subject subject(std::size_t main = Subject::no_main) {
  Subject out;
  out.route = "chat";
  out.data = "rows.jsonl";
  out.weak_tier = "small";
  out.strong_tiers = {"large"};
  out.main = main;
  return out;
}

void add_costs(Outcomes& rows, double weak, double strong) {
  rows.cost_weak_usd.assign(rows.size(), weak);
  rows.cost_strong_usd.assign(rows.size(), strong);
}

TEST(Evaluation, MistakesAreCountedApart) {
  Outcomes rows = outcomes_of({1, 1, 0, 0, 0}, {1, 0, 1, 1, 0});
  add_costs(rows, 1, 10);
  const Evaluation found = evaluate(rows, where(rows, [](std::size_t i) { return i < 3; }), {}, fast);
  EXPECT_EQ(found.route.easy, 3U);
  EXPECT_EQ(found.route.easy_up, 2U);
  EXPECT_EQ(found.route.hard, 2U);
  EXPECT_EQ(found.route.hard_down, 1U);
  EXPECT_DOUBLE_EQ(found.route.accuracy.value, 0.4);
  EXPECT_DOUBLE_EQ(found.route.quality.value, 0.4);
  EXPECT_DOUBLE_EQ(found.route.share.value, 0.6);
  EXPECT_DOUBLE_EQ(found.route.inflation_usd, 18.0 / 5);
  EXPECT_DOUBLE_EQ(found.route.lost_quality, 1.0 / 5);
  EXPECT_DOUBLE_EQ(found.route.cost_usd.value, 32.0 / 5);
  EXPECT_DOUBLE_EQ(found.oracle_quality, 0.8);
  EXPECT_DOUBLE_EQ(found.route.over_random.value, 0.4 - (0.4 + 0.6 * 0.2));
}

TEST(Evaluation, ACascadePaysBothCalls) {
  Outcomes rows = outcomes_of({1, 0}, {1, 1});
  add_costs(rows, 1, 10);
  Decisions decisions = where(rows, [](std::size_t i) { return i == 1; });
  decisions.tried[1] = 1;
  EXPECT_DOUBLE_EQ(evaluate(rows, decisions, {}, fast).route.cost_usd.value, 6);
}

TEST(Evaluation, AConstantRouteIsCalledOut) {
  const Sample sample = draw_sample(500, 1);
  for (const bool up : {false, true}) {
    const Evaluation found = evaluate(sample.rows, where(sample.rows, [up](std::size_t) { return up; }), {}, fast);
    EXPECT_FALSE(worth_having(found));
    EXPECT_THAT(verdict_words(subject(), found), Contains(HasSubstr("The route is a constant")));
  }
}

TEST(Evaluation, ARandomRouteIsCalledOut) {
  const Sample sample = draw_sample(2000, 1);
  Draws draws(9);
  const Evaluation found =
      evaluate(sample.rows, where(sample.rows, [&](std::size_t) { return draws.below(2) == 0; }), {}, fast);
  EXPECT_FALSE(surely_better(found.route.over_random));
  EXPECT_FALSE(worth_having(found));
  EXPECT_THAT(verdict_words(subject(), found), Contains(HasSubstr("does NOT beat random choice")));
}

TEST(Evaluation, AGoodRouteIsWorthHaving) {
  Sample sample = draw_sample(2000, 1);
  add_costs(sample.rows, 1, 10);
  const Evaluation found =
      evaluate(sample.rows, where(sample.rows, [&](std::size_t i) { return sample.scores[i] > 0.5; }),
               {{Scored::Role::router, "classifier", sample.scores}}, fast);
  EXPECT_TRUE(worth_having(found));
  EXPECT_FALSE(found.route.constant_is_strong);  // which costs more
  EXPECT_THAT(verdict_words(subject(0), found), Not(Contains(HasSubstr("NOT"))));
  EXPECT_GT(found.scored[0].apgr_exact.interval.low, 0.5);
  EXPECT_NEAR(found.scored[0].quality_at_share, found.route.quality.value, 1e-9);
  EXPECT_NEAR(found.scored[0].quality_at_cost, found.route.quality.value, 1e-9);
  EXPECT_LT(found.scored[0].apgr_exact.interval.low, found.scored[0].apgr_exact.value);
}

TEST(Evaluation, ACascadeThatCostsMoreThanAlwaysStrongMustBeatIt) {
  Sample sample = draw_sample(2000, 1);
  add_costs(sample.rows, 9, 10);
  Decisions decisions = where(sample.rows, [&](std::size_t i) { return sample.scores[i] > 0.7; });
  decisions.tried = decisions.up;
  const Evaluation found = evaluate(sample.rows, decisions, {}, fast);
  EXPECT_TRUE(found.route.constant_is_strong);
}

TEST(Evaluation, AWeakModelThatIsBetterLeavesNothingToRouteFor) {
  const Outcomes rows = outcomes_of({1, 1, 1, 0}, {1, 0, 0, 0});
  const Evaluation found = evaluate(rows, where(rows, [](std::size_t i) { return i == 0; }),
                                    {{Scored::Role::router, "classifier", {0.1, 0.2, 0.3, 0.4}}}, fast);
  EXPECT_FALSE(worth_having(found));
  EXPECT_THAT(verdict_words(subject(0), found), Contains(HasSubstr("nothing to route for")));
  EXPECT_TRUE(evaluation_json(subject(0), found)["apgr"].is_null());
  EXPECT_THAT(evaluation_text(subject(0), found), HasSubstr("router 'classifier'"));
}

TEST(Evaluation, JsonHasNumbersForPrograms) {
  Sample sample = draw_sample(300, 1);
  const Evaluation found =
      evaluate(sample.rows, where(sample.rows, [&](std::size_t i) { return sample.scores[i] > 0.5; }),
               {{Scored::Role::router, "classifier", sample.scores}}, fast);
  const auto json = evaluation_json(subject(0), found);
  EXPECT_EQ(json["rows"], 300);
  EXPECT_EQ(json["tiers"]["weak"], "small");
  EXPECT_TRUE(json["apgr_interval"].is_array());
  EXPECT_TRUE(json["decisions"]["cost_usd"].is_null());
  EXPECT_EQ(json["scores"][0]["name"], "classifier");
  EXPECT_TRUE(json["worth_having"].is_boolean());
}

}  // namespace
}  // namespace triage::offline
