#include "statistics/prediction_powered.hpp"

#include "unit/statistics/simulation.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <utility>
#include <vector>

namespace triage::statistics {
namespace {

struct Judge {
  double truth;      // the share of good answers
  double agreement;  // with people
  double favour;     // the probability that an answer which it misjudges is called good whatever it is
};

double judged(const Judge& judge, bool good, Draws& draws) {
  if (draws.chance(judge.agreement)) return good ? 1 : 0;
  return draws.chance(judge.favour) ? 1 : (good ? 0 : 1);
}

Corrected corrected(const Judge& judge, int labels, int others, Draws& draws) {
  std::vector<Labelled> labelled;
  std::vector<double> grades;
  for (int i = 0; i < labels; ++i) {
    const bool good = draws.chance(judge.truth);
    labelled.push_back({judged(judge, good, draws), good ? 1.0 : 0.0});
  }
  for (int i = 0; i < others; ++i) grades.push_back(judged(judge, draws.chance(judge.truth), draws));
  return corrected_mean(labelled, grades, 0.95).value();
}

TEST(PredictionPowered, TheIntervalHoldsHoweverBadTheJudgeIs) {
  Draws draws(70);
  for (const double agreement : {0.6, 0.7, 0.8, 0.9, 0.95})
    for (const auto& [truth, favour] : {std::pair{0.6, 0.9}, {0.85, 0.0}}) {
      constexpr int runs = 2'000;
      int held = 0;
      int judge_held = 0;
      const Judge judge{truth, agreement, favour};
      for (int run = 0; run < runs; ++run) {
        const Corrected found = corrected(judge, 100, 600, draws);
        held += found.interval.holds(truth) ? 1 : 0;
        const double half = 1.96 * std::sqrt(found.judge_alone * (1 - found.judge_alone) / 600);
        judge_held += std::abs(found.judge_alone - truth) <= half ? 1 : 0;
      }
      EXPECT_GE(held, runs * 93 / 100) << agreement << " " << truth << " " << favour;
      const bool misleading = agreement <= 0.8 && truth == 0.85 && favour == 0;
      EXPECT_TRUE(!misleading || judge_held < runs / 10) << judge_held;  // uncorrected
    }
}

TEST(PredictionPowered, AGoodJudgeMakesItNarrower) {
  Draws draws(71);
  double good = 0;
  double bad = 0;
  for (int run = 0; run < 50; ++run) {
    const Corrected with_good = corrected({0.8, 0.97, 0}, 200, 5'000, draws);
    const Corrected with_bad = corrected({0.8, 0.5, 0}, 200, 5'000, draws);
    good += with_good.interval.high - with_good.interval.low;
    bad += with_bad.interval.high - with_bad.interval.low;
    EXPECT_GT(with_good.trust, 0.5);
    EXPECT_LT(with_bad.trust, 0.4);
  }
  EXPECT_LT(good, 0.7 * bad);
}

TEST(PredictionPowered, WeightsUndoHowAnswersWerePicked) {
  Draws draws(72);
  constexpr int runs = 500;
  int held = 0;
  for (int run = 0; run < runs; ++run) {
    // Answers that the judge calls bad are picked four times as often.
    std::vector<Labelled> labelled;
    std::vector<double> grades;
    const Judge judge{0.8, 0.85, 0};
    while (labelled.size() < 150) {
      const bool good = draws.chance(judge.truth);
      const double grade = judged(judge, good, draws);
      if (draws.chance(grade == 0 ? 0.8 : 0.2)) labelled.push_back({grade, good ? 1.0 : 0.0, grade == 0 ? 1.0 : 4.0});
    }
    for (int i = 0; i < 1'000; ++i) grades.push_back(judged(judge, draws.chance(judge.truth), draws));
    held += corrected_mean(labelled, grades, 0.95).value().interval.holds(judge.truth) ? 1 : 0;
  }
  EXPECT_GE(held, runs * 93 / 100);
}

TEST(PredictionPowered, SaysNothingOfTooLittle) {
  const std::vector<Labelled> few(19, {1, 1});
  const std::vector<Labelled> enough(20, {1, 1});
  const std::vector<double> grades(100, 1);
  EXPECT_FALSE(corrected_mean(few, grades, 0.95));
  EXPECT_FALSE(corrected_mean(enough, {}, 0.95));
  const auto found = corrected_mean(enough, grades, 0.95);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->mean, 1);
  EXPECT_LT(found->interval.low, 0.95);  // twenty good answers do not prove that all are
  EXPECT_EQ(found->agreement, 1);
}

}  // namespace
}  // namespace triage::statistics
