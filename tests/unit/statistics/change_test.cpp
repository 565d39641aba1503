#include "statistics/change.hpp"

#include "unit/statistics/simulation.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage::statistics {
namespace {

// The first 1,060 values of a stream of river's tests (river/drift/test_drift_detectors.py, BSD-3-Clause, Copyright (c)
// 2020 the river developers): 1,000 of 0 or 1, then of 0 to 7. river reports 1,020 and 1,055 with the defaults.
constexpr std::string_view golden =
    "0111010010110110111000111010011111011111100110011110111101101001110010100011000000100010011111100010"
    "0101010001100101001101100100111100010100110101011101000110000001110010101001101101100100111101101110"
    "0000111001010100001001110001101101000001001111100010001111010110110010111010100000000010001001111111"
    "1110010000011101101010000111110011011001001001110011101100001110011011111010100111001010111100010000"
    "1001001110101111111000111011100101111010000000101101011000001011010011011011010110100000000100001001"
    "0011110000010111010110010110100010011001010011010110011110001001011001110011111000000110011111101101"
    "0110100001000101110111101011011111000101101101001011100000010000110110110110101010011110101110001000"
    "1000001000101100101001010111111001111000001101010001011101110010110100100110101010111011011110011100"
    "1110000101010101111011001101011100110001011100000111111100110101001110101001110101101111101000011011"
    "0010110111101001001011000000001010000001011010001011010000011110110000010101100101110101001001001011"
    "345571243170221131406641467750262137534320303005772535230544";

std::vector<double> golden_stream() {
  std::vector<double> out;
  for (const char digit : golden) out.push_back(digit - '0');
  return out;
}

std::optional<std::string> rivers_vectors() {
  const char* shared = std::getenv("TRIAGE_SHARED");
  const std::filesystem::path root = shared != nullptr ? shared : TRIAGE_SOURCE_DIR "/../shared";
  std::ifstream file(root / "data/experiments/river_drift_vectors.json");
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// The numbers of the array that is called `name` in `json`.
std::vector<double> array(const std::string& json, const std::string& name) {
  std::vector<double> out;
  std::size_t at = json.find('[', json.find('"' + name + '"'));
  while (json[at] != ']') {
    std::size_t read = 0;
    out.push_back(std::stod(json.substr(at + 1, 20), &read));
    at = json.find_first_of(",]", at + 1 + read);
  }
  return out;
}

template <class Detector>
std::vector<double> alarms(Detector detector, const std::vector<double>& stream) {
  std::vector<double> out;
  for (std::size_t i = 0; i < stream.size(); ++i)
    if (detector.add(stream[i])) out.push_back(static_cast<double>(i));
  return out;
}

TEST(Change, PageHinkleyAndAdwinAgreeWithRiver) {
  EXPECT_EQ(alarms(PageHinkley(), golden_stream()), (std::vector<double>{1020}));
  EXPECT_EQ(alarms(Adwin(), golden_stream()), (std::vector<double>{1055}));
}

TEST(Change, PageHinkleyAndAdwinAgreeWithRiverOnTheWholeStream) {
  const std::optional<std::string> json = rivers_vectors();
  if (!json) GTEST_SKIP() << "no vectors of river: set TRIAGE_SHARED to the folder that has data/experiments";
  const std::vector<double> stream = array(*json, "stream1");
  ASSERT_EQ(stream.size(), 2'000U);
  EXPECT_EQ(alarms(PageHinkley(), stream), array(*json, "page_hinkley_default_stream1"));
  EXPECT_EQ(alarms(Adwin(), stream), array(*json, "adwin_default_stream1"));
}

TEST(Change, PageHinkleyWatchesTheOtherDirectionToo) {
  std::vector<double> stream;
  for (const double value : golden_stream()) stream.push_back(-value);
  EXPECT_EQ(alarms(PageHinkley(), stream), std::vector<double>{});
  EXPECT_EQ(alarms(PageHinkley({.direction = Direction::down}), stream), (std::vector<double>{1020}));
}

TEST(Change, AdwinsWindowHasTheMeanOfWhatItHolds) {
  Draws draws(50);
  Adwin window;
  double sum = 0;
  for (int i = 0; i < 500; ++i) {
    const double value = draws.uniform();
    sum += value;
    ASSERT_FALSE(window.add(value));
  }
  EXPECT_EQ(window.width(), 500U);
  EXPECT_NEAR(window.mean(), sum / 500, 1e-12);
  EXPECT_LT(window.save().size(), 4U + 3U * 60U);
}

// Outcomes until the alarm, at most `most`.
int run_length(MeanDetector detector, double rate, Draws& draws, int most) {
  int values = 1;
  while (values < most && !detector.add(coin(draws, rate))) ++values;
  return values;
}

TEST(Change, FalseAlarmsAreAsSeldomAsStated) {
  Draws draws(51);
  for (const double rate : {0.02, 0.3, 0.9})
    for (const Direction direction : {Direction::up, Direction::down}) {
      constexpr int runs = 400;  // lengths are about exponential: their mean has a standard error of 5 %
      double sum = 0;
      for (int run = 0; run < runs; ++run) sum += run_length(MeanDetector(rate, direction, 500), rate, draws, 20'000);
      EXPECT_GT(sum / runs, 0.9 * 500) << rate;
    }
}

TEST(Change, ADetectorSeesAChange) {
  Draws draws(52);
  double up = 0;
  double down = 0;
  constexpr int runs = 50;
  for (int run = 0; run < runs; ++run) {
    MeanDetector refusals(0.05, Direction::up, 100'000);
    MeanDetector grades(0.8, Direction::down, 100'000);
    for (int i = 0; i < 2'000; ++i) {
      refusals.add(coin(draws, 0.05));
      grades.add(coin(draws, 0.8));
    }
    up += run_length(refusals, 0.10, draws, 10'000);
    down += run_length(grades, 0.7, draws, 10'000);
  }
  EXPECT_LT(up / runs, 600);
  EXPECT_LT(down / runs, 500);
}

TEST(Change, ADetectorsLevelIsOneAtTheAlarm) {
  MeanDetector detector(0.01, Direction::up, 1'000);
  EXPECT_EQ(detector.level(), 0);
  EXPECT_FALSE(detector.add(1));
  EXPECT_GT(detector.level(), 0);
  EXPECT_LT(detector.level(), 1);
  EXPECT_FALSE(detector.add(std::nan("")));
  EXPECT_TRUE(detector.add(1) || detector.add(1));
  EXPECT_EQ(detector.level(), 0);  // anew
}

TEST(Change, GoesOnAfterARestartToTheLastBit) {
  Draws draws(53);
  MeanDetector detector(0.4, Direction::up, 1e6);
  PageHinkley page;
  Adwin window;
  for (int i = 0; i < 700; ++i) {
    const double value = draws.uniform();
    detector.add(value);
    page.add(value);
    window.add(value);
  }
  MeanDetector detector_loaded(0.4, Direction::up, 1e6);
  PageHinkley page_loaded;
  Adwin window_loaded;
  ASSERT_TRUE(detector_loaded.load(detector.save()));
  ASSERT_TRUE(page_loaded.load(page.save()));
  ASSERT_TRUE(window_loaded.load(window.save()));
  for (int i = 0; i < 700; ++i) {
    const double value = 0.8 + draws.uniform();
    EXPECT_EQ(detector.add(value), detector_loaded.add(value));
    EXPECT_EQ(page.add(value), page_loaded.add(value));
    EXPECT_EQ(window.add(value), window_loaded.add(value));
  }
  EXPECT_EQ(detector.save(), detector_loaded.save());
  EXPECT_EQ(page.save(), page_loaded.save());
  EXPECT_EQ(window.save(), window_loaded.save());
  EXPECT_FALSE(window_loaded.load(std::vector<double>(5)));
}

}  // namespace
}  // namespace triage::statistics
