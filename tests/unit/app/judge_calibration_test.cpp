#include "app/judge_calibration.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

namespace triage {
namespace {

// A judge that is right in `agreement` of the cases, and people who label a stratified sample, as spot checks draw it.
std::vector<JudgedAnswer> simulated(double quality, double agreement, std::size_t answers, std::size_t labels_each,
                                    std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto chance = [&random](double p) { return std::uniform_real_distribution<>(0, 1)(random) < p; };
  std::vector<JudgedAnswer> out;
  std::array<std::size_t, score_ranges> labelled{};
  for (std::size_t i = 0; i < answers; ++i) {
    const bool good = chance(quality);
    JudgedAnswer answer{"chat", "", (chance(agreement) ? good : !good) ? 1.0 : 0.2};
    if (labelled[score_range(answer.judge)] < labels_each) {
      ++labelled[score_range(answer.judge)];
      answer.person = good ? 1 : 0;
    }
    out.push_back(answer);
  }
  return out;
}

TEST(JudgeCalibration, CorrectsABiasedJudge) {
  const auto found = calibrate_judge(simulated(0.8, 0.7, 4'000, 200, 1), 0.95);
  ASSERT_EQ(found.size(), 1U);
  const JudgeCalibration& chat = found.front();
  EXPECT_EQ(chat.judged, 4'000U);
  EXPECT_EQ(chat.labelled, 400U);
  ASSERT_TRUE(chat.of);
  EXPECT_TRUE(chat.of->interval.holds(0.8)) << chat.of->interval.low << " " << chat.of->interval.high;
  EXPECT_LT(chat.judge_mean, 0.75) << "by itself it is far off";
  EXPECT_TRUE(chat.kappa);
}

// Labels are drawn as many of each range of scores, which the weights make good again.
TEST(JudgeCalibration, CoversWhateverTheJudgeIsWorth) {
  for (const double agreement : {0.6, 0.75, 0.95}) {
    int covered = 0;
    constexpr int runs = 400;
    for (int run = 0; run < runs; ++run) {
      const auto found =
          calibrate_judge(simulated(0.8, agreement, 1'500, 60, static_cast<std::uint32_t>(run + 1)), 0.95);
      if (found.front().of && found.front().of->interval.holds(0.8)) ++covered;
    }
    EXPECT_GE(covered, runs * 0.93) << agreement;
  }
}

TEST(JudgeCalibration, FewLabelsAreSaidToBeFew) {
  const auto some = calibrate_judge(simulated(0.8, 0.9, 500, 4, 1), 0.95);
  EXPECT_FALSE(some.front().of);
  EXPECT_NE(calibration_text(some, 0.95).find("8 labels are too few"), std::string::npos);
  const auto none = calibrate_judge(simulated(0.8, 0.9, 500, 0, 1), 0.95);
  EXPECT_FALSE(none.front().of);
  EXPECT_NE(calibration_text(none, 0.95).find("no person has graded any"), std::string::npos);
  const auto read = nlohmann::json::parse(calibration_json(none, 0.95));
  EXPECT_TRUE(read["groups"][0]["corrected"].is_null());
  EXPECT_TRUE(read["groups"][0]["agreement"].is_null());
}

TEST(JudgeCalibration, RoutesAndArmsAreApart) {
  std::vector<JudgedAnswer> answers{{"chat", "treatment", 0.5, 1.0}, {"chat", "control", 1}, {"code", "", 0}};
  const auto found = calibrate_judge(answers, 0.95);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].arm, "control");
  EXPECT_EQ(found[1].arm, "treatment");
  EXPECT_DOUBLE_EQ(found[1].bias, -0.5);
  EXPECT_EQ(found[2].route, "code");
  EXPECT_TRUE(calibrate_judge({}, 0.95).empty());
}

}  // namespace
}  // namespace triage
