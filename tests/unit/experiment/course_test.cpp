#include "experiment/course.hpp"

#include "unit/experiment/journal.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace triage::experiment {
namespace {

constexpr GuardrailSpec feedback{QualitySignal::feedback, 0.02};

TEST(Course, HasFewPointsAndTheIntervalOfEach) {
  Guard guard(feedback, 0);  // each outcome is an observation
  Course course;
  course.look(guard, 0.05, 1);
  EXPECT_TRUE(course.points().empty()) << "nothing was seen";
  Chance chance(5);
  for (std::uint32_t unit = 0; unit < 20'000; ++unit) {
    guard.add(unit, unit % 2 == 0, 0.5, chance.with(0.8) ? 1 : 0, 0);
    course.look(guard, 0.05, 1000 + unit);
  }
  const auto& points = course.points();
  EXPECT_EQ(points.front().observations, 1U);
  EXPECT_EQ(points.front().time_unix_ms, 1000);
  EXPECT_LT(points.size(), 25 + std::log(20'000.0 / 25) / std::log(1.04) + 5);
  EXPECT_GT(points.back().observations, 19'000U);
  for (std::size_t i = 1; i < points.size(); ++i) {
    EXPECT_GT(points[i].observations, points[i - 1].observations);
    EXPECT_LE(points[i].effect.low, points[i].effect.estimate);
    EXPECT_LE(points[i].effect.estimate, points[i].effect.high);
  }
  EXPECT_LT(points.back().effect.high - points.back().effect.low, 0.2) << "it narrows";
}

TEST(Course, IsShownAndOutlivesARestart) {
  Journal journal;
  const Plan plan = plan_with({{QualitySignal::refusal, 0.02}, {QualitySignal::error, 0.02}});
  journal.configure("v1", plan);
  Chance chance(7);
  for (int i = 0; i < 3000; ++i) {
    journal.request(static_cast<std::uint64_t>(i), [&](Sighting& seen) {
      seen[QualitySignal::refusal] = chance.with(0.1) ? 1 : 0;
      seen[QualitySignal::error] = 0;
    });
    journal.decide(i * 40);
  }
  Engine again;
  ASSERT_TRUE(again.load(journal.engine.save()));
  const Json before = shown(journal.experiment(), 0, true);
  ASSERT_EQ(before["guardrails"].size(), 2U);
  EXPECT_GE(before["guardrails"][0]["course"].size(), 5U);
  EXPECT_EQ(before["guardrails"][0]["course"][0].size(), 6U);
  EXPECT_EQ(shown(*again.find("cheaper"), 0, true)["guardrails"], before["guardrails"]);
  for (const Decision& decided : journal.experiment().decisions())
    EXPECT_EQ(decided.figures.find("course"), std::string::npos) << "decisions stay small";
}

}  // namespace
}  // namespace triage::experiment
