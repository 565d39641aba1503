#include "offline/floor.hpp"

#include "unit/offline/sample.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace triage::offline {
namespace {

// What a threshold truly does to the questions that draw_sample() draws: with threshold t, those below it stay down.
double true_kept(double threshold) {
  const double strong = 0.8;
  // The mean of strong - weak = 0.8 s - 0.1 over s below the threshold.
  return (strong - (0.4 * threshold * threshold - 0.1 * threshold)) / strong;
}

TEST(Floor, ABetIsSeldomWonWhereTheFloorIsJustMissed) {
  // Losses of mean 0: the wealth reaches 10 in at most a tenth of the runs, and two standard errors.
  Draws draws(5);
  int won = 0;
  constexpr int runs = 2000;
  for (int run = 0; run < runs; ++run) {
    std::vector<double> losses;
    for (int i = 0; i < 200; ++i) losses.push_back(draws.below(2) == 0 ? 0.5 : -0.5);
    won += ever_reaches(10, losses, 0.9) ? 1 : 0;
  }
  EXPECT_LE(static_cast<double>(won) / runs, 0.1 + 2 * std::sqrt(0.1 * 0.9 / runs));
  EXPECT_GT(won, runs / 50);  // and it could be won
}

TEST(Floor, ABetIsWonWhereTheFloorIsKept) {
  EXPECT_TRUE(ever_reaches(10, std::vector<double>(100, -0.05), 0.95));
  EXPECT_FALSE(ever_reaches(10, std::vector<double>(10, -0.05), 0.95));
  EXPECT_FALSE(ever_reaches(10, std::vector<double>(200'000, 0.5), 0.5));
}

TEST(Floor, SaysBeforehandHowManyQuestionsItTakes) {
  const std::size_t needed = questions_needed({0.95, 0.9}, 0.8);
  // One bet of the best size would need log(10) / (0.8 log(1 / 0.95)) = 57.
  EXPECT_GE(needed, 57U);
  EXPECT_LE(needed, 120U);
  EXPECT_GT(questions_needed({0.98, 0.9}, 0.8), needed);
  EXPECT_GT(questions_needed({0.95, 0.99}, 0.8), needed);
  EXPECT_EQ(questions_needed({0.95, 0.9}, 0), std::numeric_limits<std::size_t>::max());
}

TEST(Floor, FewerQuestionsStayAtAlwaysStrong) {
  const Sample sample = draw_sample(questions_needed({0.95, 0.9}, 0.8) / 2, 1);
  const FloorResult found = certify(sample.rows, sample.scores, {0.95, 0.9});
  EXPECT_FALSE(found.certifiable);
  EXPECT_EQ(found.certified.share, 1);
  EXPECT_EQ(found.certified.threshold, 0);
  ASSERT_TRUE(found.questions_for_next.has_value());
  EXPECT_GT(*found.questions_for_next, found.questions);
}

TEST(Floor, ManyQuestionsComeCloseToThePlugIn) {
  const Sample sample = draw_sample(50'000, 2);
  const FloorResult found = certify(sample.rows, sample.scores, {0.9, 0.9});
  EXPECT_TRUE(found.certifiable);
  EXPECT_GE(true_kept(found.certified.threshold), 0.9);
  EXPECT_NEAR(found.certified.share, found.plug_in.share, 0.03);
  EXPECT_LT(found.plug_in.share, found.certified.share);
}

TEST(Floor, APerfectWeakModelIsCertified) {
  const std::size_t count = 300;
  std::vector<double> scores;
  for (std::size_t i = 0; i < count; ++i) scores.push_back(static_cast<double>(i) / count);
  const Outcomes rows = outcomes_of(std::vector<double>(count, 1), std::vector<double>(count, 1));
  const FloorResult found = certify(rows, scores, {0.95, 0.9});
  EXPECT_EQ(found.certified.share, 0);
  EXPECT_FALSE(found.questions_for_next.has_value());
}

TEST(Floor, RepeatedQuestionsAreNoMoreEvidence) {
  Sample sample = draw_sample(400, 4);
  const FloorResult once = certify(sample.rows, sample.scores, {0.9, 0.9});
  Outcomes twice = sample.rows;
  std::vector<double> scores = sample.scores;
  for (auto* column : {&twice.weak, &twice.strong, &scores})
    column->insert(column->end(), column->begin(), column->begin() + 400);
  twice.unit.insert(twice.unit.end(), twice.unit.begin(), twice.unit.begin() + 400);
  const FloorResult again = certify(twice, scores, {0.9, 0.9});
  EXPECT_EQ(again.questions, 400U);
  EXPECT_EQ(again.certified.threshold, once.certified.threshold);
  EXPECT_LT(once.certified.share, 1);
}

// The promise itself. Bound: a rate of delta, and two standard errors of a frequency over so many runs. tests/bench has
// the long version, on public data.
TEST(Floor, IsBrokenNoMoreOftenThanPromised) {
  constexpr double delta = 0.1;
  constexpr int runs = 200;
  for (const double rho : {0.9, 0.95, 0.98}) {
    int broken = 0;
    int plug_in_broken = 0;
    double share = 0;
    for (int run = 0; run < runs; ++run) {
      const Sample sample = draw_sample(800, static_cast<std::uint64_t>(run) + 1);
      const FloorResult found = certify(sample.rows, sample.scores, {rho, 1 - delta});
      broken += true_kept(found.certified.threshold) < rho ? 1 : 0;
      plug_in_broken += true_kept(found.plug_in.threshold) < rho ? 1 : 0;
      share += found.certified.share / runs;
    }
    const double error = std::sqrt(delta * (1 - delta) / runs);
    EXPECT_LE(static_cast<double>(broken) / runs, delta + 2 * error) << rho;
    EXPECT_GE(static_cast<double>(plug_in_broken) / runs, 0.25) << rho;
    EXPECT_LT(share, 0.9) << rho;  // it is not only always-strong
  }
}

}  // namespace
}  // namespace triage::offline
