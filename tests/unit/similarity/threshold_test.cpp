#include "similarity/threshold.hpp"

#include <gtest/gtest.h>

#include <random>

namespace triage::similarity {
namespace {

// Rows whose chance to be hard is that of a curve over the score.
template <class Curve>
std::vector<Scored> rows_of(std::size_t count, unsigned seed, Curve chance_at) {
  std::mt19937 chance(seed);
  std::uniform_real_distribution<double> any;
  std::vector<Scored> out;
  for (std::size_t i = 0; i < count; ++i) {
    const double score = any(chance);
    out.push_back({score, any(chance) < chance_at(score)});
  }
  return out;
}

TEST(ShareInterval, IsThatOfClopperAndPearson) {
  // Their paper's example, and R's binom.test(7, 20)$conf.int and (0, 10).
  const Interval some = share_interval(7, 20, 0.025);
  EXPECT_NEAR(some.low, 0.1539092, 1e-6);
  EXPECT_NEAR(some.high, 0.5921885, 1e-6);
  const Interval none = share_interval(0, 10, 0.025);
  EXPECT_EQ(none.low, 0);
  EXPECT_NEAR(none.high, 0.3084971, 1e-6);
  EXPECT_EQ(share_interval(10, 10, 0.025).high, 1);
}

TEST(ChooseThreshold, SendsAsManyAsThePrecisionAllows) {
  const auto rows = rows_of(20'000, 1, [](double score) { return score >= 0.7 ? 0.97 : 0.1; });
  const auto choice = choose_threshold(rows, 0.9, 0.9);
  ASSERT_TRUE(choice.chosen);
  // Down to t, (0.3 * 0.97 + (0.7 - t) * 0.1) / (1 - t) is hard: 0.9 at t = 0.674.
  EXPECT_GT(choice.chosen->threshold, 0.66);
  EXPECT_LT(choice.chosen->threshold, 0.71);
  EXPECT_GE(choice.chosen->precision(), 0.9);
  EXPECT_EQ(choice.rows, 20'000U);
  std::size_t sent = 0;
  std::size_t hard = 0;
  for (const Scored& row : rows) {
    sent += row.score >= choice.chosen->threshold ? 1 : 0;
    hard += row.score >= choice.chosen->threshold && row.hard ? 1 : 0;
  }
  EXPECT_EQ(choice.chosen->sent, sent);
  EXPECT_EQ(choice.chosen->hard, hard);
}

// The promise itself: in 600 draws of data, thresholds that pass without having the precision are at most the share
// that the confidence leaves (60, and a little for the luck of the draw).
TEST(ChooseThreshold, IsWrongNoMoreOftenThanItSays) {
  const auto truth = [](double score) { return 0.5 + 0.5 * score; };  // from t up: 0.5 + 0.5 * (1 + t) / 2
  int wrong = 0;
  int chosen = 0;
  for (unsigned seed = 0; seed < 600; ++seed) {
    const auto choice = choose_threshold(rows_of(1'000, seed, truth), 0.9, 0.9);
    if (!choice.chosen) continue;
    ++chosen;
    wrong += 0.5 + 0.25 * (1 + choice.chosen->threshold) < 0.9 ? 1 : 0;
  }
  EXPECT_GT(chosen, 300);
  EXPECT_LT(wrong, 75);
}

TEST(ChooseThreshold, SaysHowManyRowsWouldDo) {
  const auto rows = rows_of(60, 3, [](double score) { return score > 0.5 ? 0.99 : 0.1; });
  const auto choice = choose_threshold(rows, 0.9, 0.95);
  EXPECT_FALSE(choice.chosen);
  ASSERT_TRUE(choice.promising);
  EXPECT_GT(choice.promising->precision(), 0.9);
  EXPECT_GT(choice.rows_needed, 60U);
  EXPECT_LT(choice.rows_needed, 1'000U);
}

TEST(ChooseThreshold, NoNumberOfRowsMakesAnEvenChanceAPrecision) {
  const auto rows = rows_of(5'000, 4, [](double) { return 0.3; });
  const auto choice = choose_threshold(rows, 0.9, 0.9);
  EXPECT_FALSE(choice.chosen);
  EXPECT_FALSE(choice.promising);
}

TEST(ChooseThreshold, EqualScoresAreNotTornApart) {
  std::vector<Scored> rows(500, Scored{0.8, true});
  rows.insert(rows.end(), 500, Scored{0.3, false});
  const auto choice = choose_threshold(rows, 0.9, 0.9);
  ASSERT_TRUE(choice.chosen);
  EXPECT_EQ(choice.chosen->sent, 500U);
  EXPECT_NEAR(choice.chosen->threshold, 0.8, 1e-4);
}

TEST(ChooseThreshold, FewAndOddRows) {
  EXPECT_FALSE(choose_threshold({}, 0.9, 0.9).chosen);
  const std::vector<Scored> one{{1.0000001, true}};
  EXPECT_FALSE(choose_threshold(one, 0.9, 0.9).chosen);
  const std::vector<Scored> negative(1'000, Scored{-0.5, true});
  EXPECT_FALSE(choose_threshold(negative, 0.9, 0.9).chosen) << "no threshold is below 0";
  const std::vector<Scored> equal(1'000, Scored{1.0000001, true});
  ASSERT_TRUE(choose_threshold(equal, 0.9, 0.9).chosen);
  EXPECT_EQ(choose_threshold(equal, 0.9, 0.9).chosen->threshold, 1);
}

}  // namespace
}  // namespace triage::similarity
