#include "verify/logprob.hpp"
#include "judged.hpp"
#include "verify/calibration.hpp"
#include "verify/logprob_score.hpp"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>

namespace triage::verify {
namespace {

Verdict with(const VerifierSpec& spec, std::vector<double> logprobs, bool whole = true) {
  Completion answer = says("x");
  answer.logprobs = std::move(logprobs);
  return judge(spec, "x", answer, "", whole);
}

TEST(Logprob, MeanAndLeast) {
  VerifierSpec spec = of_kind("logprob");
  const std::vector<double> tokens{std::log(0.9), std::log(0.4), 0};
  EXPECT_NEAR(with(spec, tokens).score.value(), std::cbrt(0.36), 1e-9);
  EXPECT_FALSE(with(spec, tokens).accept);
  EXPECT_TRUE(with(spec, {std::log(0.9)}).accept);
  options::options_in<LogprobSpec>(spec.options).use = LogprobUse::min;
  EXPECT_NEAR(with(spec, tokens).score.value(), 0.4, 1e-9);
  EXPECT_EQ(with(spec, {}).reason, "the answer came without log-probabilities");
  EXPECT_FALSE(with(spec, {}).accept);
  EXPECT_TRUE(with(spec, {}, false).accept);
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(with(spec, {-infinity, 0.5, std::nan("")}).score.value(), std::exp(-100.0));
  CallChanges changes;
  make_verifier(spec)->prepare(changes);
  EXPECT_TRUE(changes.logprobs);
}

class File {
 public:
  explicit File(const std::string& text)
      : path_(std::filesystem::temp_directory_path() /
              ("triage-calibration-" + std::to_string(std::random_device()()) + ".json")) {
    std::ofstream(path_) << text;
  }
  ~File() { std::filesystem::remove(path_); }
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

TEST(Logprob, CalibrationFile) {
  const File file(R"({"v":1,"kind":"platt","a":2,"b":1})");
  VerifierSpec spec = of_kind("logprob");
  options::options_in<LogprobSpec>(spec.options).calibration = {file.path(), file.path(), ""};
  EXPECT_NEAR(with(spec, {-0.5}).score.value(), 0.5, 1e-9);
  options::options_in<LogprobSpec>(spec.options).calibration.path = "/nowhere/c.json";
  EXPECT_THROW(make_verifier(spec), std::runtime_error);
  EXPECT_EQ(check_calibration("/nowhere/c.json"), "calibration file /nowhere/c.json cannot be read");
  EXPECT_EQ(check_calibration(file.path()), std::nullopt);
}

TEST(Calibration, SaysWhatIsWrong) {
  Calibration out;
  for (const char* text :
       {"", "[]", "{}", R"({"v":2,"kind":"platt"})", R"({"v":1,"kind":"magic"})", R"({"v":1,"kind":"platt","a":1})",
        R"({"v":1,"kind":"platt","a":"1","b":0})", R"({"v":1,"kind":"isotonic"})",
        R"({"v":1,"kind":"isotonic","points":[]})", R"({"v":1,"kind":"isotonic","points":[[0,2]]})",
        R"({"v":1,"kind":"isotonic","points":[[0,0.5],[0,0.6]]})",
        R"({"v":1,"kind":"isotonic","points":[[0,0.5],[1,0.4]]})", R"({"v":1,"kind":"isotonic","points":[[0]]})"})
    EXPECT_TRUE(read_calibration(text, out)) << text;
}

TEST(Calibration, Isotonic) {
  Calibration out;
  ASSERT_FALSE(read_calibration(R"({"v":1,"kind":"isotonic","points":[[-2,0.2],[-1,0.4],[0,0.9]]})", out));
  EXPECT_DOUBLE_EQ(out.probability(-5), 0.2);
  EXPECT_DOUBLE_EQ(out.probability(-1.5), 0.3);
  EXPECT_DOUBLE_EQ(out.probability(-1), 0.4);
  EXPECT_DOUBLE_EQ(out.probability(3), 0.9);
}

// Answers whose probability of being right is truth(x).
template <class Truth>
std::vector<Graded> simulated(std::size_t count, unsigned seed, Truth truth) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> at(-3, 0);
  std::uniform_real_distribution<double> chance(0, 1);
  std::vector<Graded> out(count);
  for (Graded& each : out) {
    each.x = at(random);
    each.right = chance(random) < truth(each.x);
  }
  return out;
}

double platt_truth(double x) {
  return 1 / (1 + std::exp(-(2.5 * x + 3)));
}

TEST(Calibration, PlattFindsTheCurve) {
  // The standard error of a is below 0.06 at 20,000 answers.
  for (const unsigned seed : {1U, 2U, 3U, 4U, 5U}) {
    const auto fitted = fit_platt(simulated(20'000, seed, platt_truth));
    ASSERT_TRUE(fitted);
    EXPECT_NEAR(fitted->a, 2.5, 0.2);
    EXPECT_NEAR(fitted->b, 3, 0.2);
    EXPECT_LT(calibration_error(*fitted, simulated(20'000, seed + 100, platt_truth)).expected, 0.02);
  }
}

TEST(Calibration, IsotonicFindsAStep) {
  const auto step = [](double x) { return x < -1 ? 0.25 : 0.85; };
  for (const unsigned seed : {1U, 2U, 3U, 4U, 5U}) {
    const auto fitted = fit_isotonic(simulated(20'000, seed, step));
    ASSERT_TRUE(fitted);
    EXPECT_NEAR(fitted->probability(-2), 0.25, 0.05);
    EXPECT_NEAR(fitted->probability(-0.5), 0.85, 0.05);
    const auto fresh = simulated(20'000, seed + 100, step);
    EXPECT_LT(calibration_error(*fitted, fresh).expected, 0.02);
    EXPECT_LT(calibration_error(*fitted, fresh).brier, calibration_error(*fit_platt(fresh), fresh).brier);
    Calibration again;
    EXPECT_EQ(read_calibration(write_calibration(*fitted), again), std::nullopt);
    EXPECT_NEAR(again.probability(-0.7), fitted->probability(-0.7), 1e-12);
  }
}

TEST(Calibration, PoolsByHand) {
  // 0 1 0 1 1 at 1..5: the second and third are pooled (1 of 2), with one right and one wrong added everywhere.
  const std::vector<Graded> five{{1, false}, {2, true}, {3, false}, {4, true}, {5, true}};
  const auto fitted = fit_isotonic(five);
  ASSERT_TRUE(fitted);
  EXPECT_DOUBLE_EQ(fitted->probability(1), 1.0 / 3);
  EXPECT_DOUBLE_EQ(fitted->probability(2), 0.5);
  EXPECT_DOUBLE_EQ(fitted->probability(3), 0.5);
  EXPECT_DOUBLE_EQ(fitted->probability(5), 0.75);
}

TEST(Calibration, WhatCannotBeFitted) {
  const std::vector<Graded> all_right{{1, true}, {2, true}};
  const std::vector<Graded> no_number{{1, true}, {std::nan(""), false}};
  EXPECT_FALSE(fit_platt({}));
  EXPECT_FALSE(fit_platt(all_right));
  EXPECT_FALSE(fit_platt(no_number));
  EXPECT_FALSE(fit_isotonic({}));
  EXPECT_FALSE(fit_isotonic(no_number));
  EXPECT_TRUE(fit_isotonic(all_right));
  const std::vector<Graded> same_x{{1, true}, {1, false}, {1, true}};
  ASSERT_TRUE(fit_platt(same_x));
  EXPECT_NEAR(fit_platt(same_x)->probability(1), 0.6, 0.1);
  // Told apart without a doubt: no step to infinity.
  const std::vector<Graded> apart{{-2, false}, {-1.9, false}, {-0.1, true}, {0, true}};
  EXPECT_TRUE(std::isfinite(fit_platt(apart)->a));
  EXPECT_GT(fit_platt(apart)->probability(0), 0.7);
}

}  // namespace
}  // namespace triage::verify
