#include "statistics/off_policy.hpp"

#include "unit/statistics/simulation.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace triage::statistics {
namespace {

// Questions are easy or hard. The log sends easy ones to the small model more often. The other policy sends all easy
// ones to the small model, and all hard ones to the large one.
struct World {
  double small_of_easy = 0.5;
  double small_of_hard = 0.2;
  bool cost = false;  // the outcome; else quality

  [[nodiscard]] double small(bool hard) const { return hard ? small_of_hard : small_of_easy; }
  [[nodiscard]] double mean(bool hard, bool to_small) const {
    if (cost) return (to_small ? 1 : 8) * (hard ? 1.5 : 1);
    return to_small ? (hard ? 0.5 : 0.92) : (hard ? 0.85 : 0.95);
  }
  double outcome(bool hard, bool to_small, Draws& draws) const {
    const double mean_here = mean(hard, to_small);
    return cost ? mean_here * std::exp(0.8 * draws.normal() - 0.32) : coin(draws, mean_here);
  }
  [[nodiscard]] double truth() const { return (mean(false, true) + mean(true, false)) / 2; }
};

struct Replayed {
  OffPolicy found;
  double plain;  // the mean of the rows whose action the other policy would take
};

Replayed replayed(const World& world, int rows, Draws& draws) {
  GroupMeans model;
  std::vector<LoggedRow> log;
  std::vector<std::pair<bool, bool>> seen;
  double agreeing = 0;
  double sum = 0;
  for (int i = 0; i < rows; ++i) {
    const bool hard = draws.chance(0.5);
    const bool to_small = draws.chance(world.small(hard));
    LoggedRow row;
    row.propensity = to_small ? world.small(hard) : 1 - world.small(hard);
    row.target = to_small != hard ? 1 : 0;
    row.outcome = world.outcome(hard, to_small, draws);
    model.add(hard ? 1 : 0, to_small ? 1 : 0, row.outcome);
    agreeing += row.target;
    sum += row.target * row.outcome;
    log.push_back(row);
    seen.emplace_back(hard, to_small);
  }
  for (std::size_t i = 0; i < log.size(); ++i) {
    const auto [hard, to_small] = seen[i];
    log[i].expected_logged = model.expected(i, hard ? 1 : 0, to_small ? 1 : 0);
    log[i].expected_target = model.expected(i, hard ? 1 : 0, hard ? 0 : 1);
  }
  return {evaluate(log, 0.95, world.cost ? 0 : 1), sum / agreeing};
}

TEST(OffPolicy, IntervalsHoldAndThePointIsBetterThanPlainReplay) {
  Draws draws(80);
  for (const World& world : {World{}, World{0.5, 0.2, true}, World{0.1, 0.05, false}}) {
    constexpr int runs = 2'000;
    const int rows = world.small_of_easy < 0.2 ? 1'000 : 400;
    std::array<int, 3> held{};
    std::array<double, 3> squares{};
    double plain = 0;
    for (int run = 0; run < runs; ++run) {
      const Replayed replay = replayed(world, rows, draws);
      ASSERT_TRUE(replay.found.can_be_told());
      const std::array estimates{replay.found.ips, replay.found.snips, replay.found.doubly_robust};
      for (std::size_t i = 0; i < 3; ++i) {
        held[i] += estimates[i].interval.holds(world.truth()) ? 1 : 0;
        squares[i] += std::pow(estimates[i].value - world.truth(), 2);
      }
      plain += std::pow(replay.plain - world.truth(), 2);
    }
    for (std::size_t i = 0; i < 3; ++i) EXPECT_GE(held[i], runs * 93 / 100) << i << " " << world.small_of_easy;
    if (world.small_of_easy == 0.5) {
      EXPECT_LT(squares[1], plain);
      EXPECT_LT(squares[2], plain);
    }
    EXPECT_LT(squares[2], 1.05 * squares[1]);  // the model helps, or does no harm
  }
}

TEST(OffPolicy, SaysWhyTheLogsCannotTell) {
  EXPECT_EQ(evaluate({}, 0.95, 1).overlap, Overlap::no_rows);

  std::vector<LoggedRow> log(1'000, {1, 1, 1, true});
  EXPECT_EQ(evaluate(log, 0.95, 1).overlap, Overlap::enough);
  EXPECT_EQ(evaluate(log, 0.95, 1).snips.value, 1);

  for (std::size_t i = 0; i < 20; ++i) log[i].supported = false;  // always sent elsewhere
  EXPECT_EQ(evaluate(log, 0.95, 1).overlap, Overlap::unsupported);
  EXPECT_NEAR(evaluate(log, 0.95, 1).supported, 0.98, 1e-9);

  std::vector<LoggedRow> few(1'000, {0.9, 0, 1, true});
  EXPECT_EQ(evaluate(few, 0.95, 1).overlap, Overlap::few);
  for (std::size_t i = 0; i < 49; ++i) few[i] = {0.1, 1, 1, true};
  EXPECT_EQ(evaluate(few, 0.95, 1).overlap, Overlap::few);

  std::vector<LoggedRow> one(1'000, {1, 1, 1, true});
  one[0].propensity = 0.005;
  EXPECT_EQ(evaluate(one, 0.95, 1).overlap, Overlap::few);
  std::vector<LoggedRow> many(10'000, {1, 1, 1, true});
  many[0].propensity = 0.0005;
  EXPECT_FALSE(evaluate(many, 0.95, 1).can_be_told());
}

TEST(GroupMeans, ARowIsPredictedByOthersOnly) {
  GroupMeans model;
  model.add(1, 1, 100);  // row 0
  model.add(1, 1, 0);    // row 1
  EXPECT_EQ(model.expected(0, 1, 1), 0);
  EXPECT_EQ(model.expected(1, 1, 1), 100);
  for (int i = 0; i < 1'000; ++i) model.add(2, 1, 7);
  EXPECT_NEAR(model.expected(0, 2, 1), 7, 0.2);
  EXPECT_NEAR(model.expected(0, 9, 1), 7, 0.2);  // no such group: as the action
  EXPECT_NEAR(model.expected(0, 9, 9), 7, 0.2);  // no such action: as all
}

}  // namespace
}  // namespace triage::statistics
