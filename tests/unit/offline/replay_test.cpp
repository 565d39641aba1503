#include "offline/replay.hpp"

#include "offline/replay_report.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <cstdlib>
#include <random>

namespace triage::offline {
namespace {

constexpr std::uint32_t small = 0;
constexpr std::uint32_t large = 1;

// A route that sends scores from a threshold on to `large`; an experiment compares two thresholds, and replay is asked
// about one between them. Users come back, each with requests that are alike, and keep their arm.
struct World {
  double share = 0.3;
  double control = 0.5;
  double treatment = 0.7;
  double asked = 0.6;

  [[nodiscard]] static double quality(std::uint32_t action, double score) {
    return action == large ? 0.95 - 0.1 * score : 0.95 - 0.6 * score * score;
  }
  [[nodiscard]] static double cost(std::uint32_t action, double score) {
    return (action == large ? 0.01 : 0.001) * (1 + score);
  }
  [[nodiscard]] static std::uint32_t action(double threshold, double score) {
    return score >= threshold ? large : small;
  }
  template <class Value>
  [[nodiscard]] static double mean(double threshold, Value value) {
    constexpr int steps = 100'000;
    double sum = 0;
    for (int i = 0; i < steps; ++i) {
      const double score = (i + 0.5) / steps;
      sum += value(action(threshold, score), score);
    }
    return sum / steps;
  }

  ReplayRows log(std::mt19937_64& random, std::size_t units) const {
    const auto uniform = [&] { return static_cast<double>(random() >> 11) * 0x1p-53; };
    ReplayRows out;
    out.actions = {"small", "large"};
    for (const std::uint32_t by_control : {small, large})
      for (const std::uint32_t by_treatment : {small, large})
        for (const std::uint32_t by_new : {small, large}) {
          ReplayChoice choice;
          if (by_control == by_treatment)
            choice.logged = {{by_control, 1.0}};
          else
            choice.logged = {{small, by_control == small ? 1 - share : share},
                             {large, by_control == large ? 1 - share : share}};
          choice.before = {{by_control, 1.0}};
          choice.after = {{by_new, 1.0}};
          out.choices.push_back(choice);
        }
    for (std::size_t unit = 0; unit < units; ++unit) {
      const bool treated = uniform() < share;
      const double taste = uniform();
      const int requests = 1 + static_cast<int>(uniform() * 5);
      for (int i = 0; i < requests; ++i) {
        const double score = std::fmod(taste + 0.3 * uniform(), 1.0);
        ReplayRow row;
        row.choice = 4 * action(control, score) + 2 * action(treatment, score) + action(asked, score);
        row.action = action(treated ? treatment : control, score);
        row.unit = unit;
        row.stratum = static_cast<std::uint32_t>(score * 5);
        row.cost_usd = row.cost_usd_after = cost(row.action, score);
        row.quality[0] = uniform() < quality(row.action, score) ? 1 : 0;
        out.rows.push_back(row);
      }
    }
    return out;
  }
};

bool covers(const Estimate& estimate, double truth) {
  return estimate.interval.low <= truth && truth <= estimate.interval.high;
}

struct Tally {
  int ips = 0, snips = 0, dr = 0, difference = 0;
  void add(const ReplayMeasure& measure, double before, double after) {
    ips += covers(measure.after.ips, after) ? 1 : 0;
    snips += covers(measure.after.snips, after) ? 1 : 0;
    dr += covers(measure.after.dr, after) ? 1 : 0;
    difference += covers(measure.difference, after - before) ? 1 : 0;
  }
};

// Issue: at least 93 % at nominal 95 %, and the point estimate beats plain replay, which counts only the requests for
// which the log happens to have what the policy would do. TRIAGE_REPLAY_RUNS=2000 for all of them.
TEST(Replay, IntervalsCoverAndTheEstimateBeatsPlainReplay) {
  const char* const given = std::getenv("TRIAGE_REPLAY_RUNS");
  const int runs = given != nullptr ? std::atoi(given) : 400;
  // Fewer runs than 2,000 tell it less exactly.
  const double least = 0.93 - (runs < 2'000 ? 2 * std::sqrt(0.93 * 0.07 / runs) : 0);
  const World world;
  const double quality_before = World::mean(world.control, World::quality);
  const double quality_after = World::mean(world.asked, World::quality);
  const double cost_before = World::mean(world.control, World::cost);
  const double cost_after = World::mean(world.asked, World::cost);
  std::mt19937_64 random(20'261'130);
  Tally quality;
  Tally cost;
  double error = 0;
  double plain_error = 0;
  for (int run = 0; run < runs; ++run) {
    const ReplayRows rows = world.log(random, 150);
    const auto found = replay_quality(rows);
    ASSERT_EQ(found.size(), 1U);
    ASSERT_TRUE(found[0].after.told);
    EXPECT_EQ(found[0].after.lacking, 0);
    quality.add(found[0], quality_before, quality_after);
    const ReplayMeasure found_cost = replay_cost(rows);
    cost.add(found_cost, cost_before, cost_after);
    double sum = 0;
    double count = 0;
    for (const ReplayRow& row : rows.rows) {
      if (rows.choices[row.choice].after.front().first != row.action) continue;
      sum += row.cost_usd;
      ++count;
    }
    const double estimate = found_cost.after.dr.value;
    error += (estimate - cost_after) * (estimate - cost_after);
    plain_error += (sum / count - cost_after) * (sum / count - cost_after);
  }
  std::printf("quality: IPS %.3f SNIPS %.3f DR %.3f difference %.3f\n", quality.ips / static_cast<double>(runs),
              quality.snips / static_cast<double>(runs), quality.dr / static_cast<double>(runs),
              quality.difference / static_cast<double>(runs));
  std::printf("cost:    IPS %.3f SNIPS %.3f DR %.3f difference %.3f; squared error %.3g, plain replay %.3g\n",
              cost.ips / static_cast<double>(runs), cost.snips / static_cast<double>(runs),
              cost.dr / static_cast<double>(runs), cost.difference / static_cast<double>(runs), error / runs,
              plain_error / runs);
  for (const Tally& tally : {quality, cost})
    for (const int covered : {tally.ips, tally.snips, tally.dr, tally.difference}) EXPECT_GE(covered, runs * least);
  EXPECT_LT(error, plain_error);
}

ReplayRows rows_of(std::vector<ReplayChoice> choices, std::size_t rows) {
  ReplayRows out;
  out.actions = {"small", "large"};
  out.choices = std::move(choices);
  for (std::size_t i = 0; i < rows; ++i) {
    ReplayRow row;
    row.choice = static_cast<std::uint32_t>(i % out.choices.size());
    row.action = out.choices[row.choice].logged.front().first;
    row.unit = i;
    row.cost_usd = row.cost_usd_after = 0.001;
    row.quality[static_cast<std::size_t>(QualitySource::signals)] = i % 10 < 9 ? 1 : 0;
    out.rows.push_back(row);
  }
  return out;
}

TEST(Replay, WithoutOverlapNothingIsTold) {
  const ReplayChoice moved{{{small, 1.0}}, {{small, 1.0}}, {{large, 1.0}}, "small", "large"};
  const ReplayChoice stays{{{small, 1.0}}, {{small, 1.0}}, {{small, 1.0}}, "small", "small"};
  const ReplayRows rows = rows_of({moved, stays, stays, stays}, 400);
  const ReplayMeasure cost = replay_cost(rows);
  EXPECT_TRUE(cost.before.told);
  EXPECT_FALSE(cost.after.told);
  EXPECT_DOUBLE_EQ(cost.after.lacking, 0.25);
  EXPECT_TRUE(std::isnan(cost.after.dr.value));
  EXPECT_TRUE(std::isnan(cost.difference.value));
  const ReplayMeasure quality = replay_quality(rows).back();
  EXPECT_LT(quality.after.bounds.high - quality.after.bounds.low, 0.25 + 0.15);
  EXPECT_GE(quality.after.bounds.high - quality.after.bounds.low, 0.25);
  const GateResult gate = gate_max_cost(cost, {"1", 1, false});
  EXPECT_EQ(gate.kept, Kept::unknown);
  EXPECT_NE(gate.text.find(cannot_be_told), std::string::npos) << gate.text;
}

TEST(Replay, WhereBothDecideTheSameTheOutcomeCountsForBoth) {
  const ReplayChoice same{{{small, 1.0}}, {{small, 1.0}}, {{small, 1.0}}, "small", "small"};
  ReplayRows rows = rows_of({same}, 1'000);
  for (ReplayRow& row : rows.rows) row.cost_usd_after = 0.0005;  // as dearer prices would
  const ReplayMeasure cost = replay_cost(rows);
  EXPECT_DOUBLE_EQ(cost.before.dr.value, 0.001);
  EXPECT_DOUBLE_EQ(cost.after.dr.value, 0.0005);
  const ReplayMeasure quality = replay_quality(rows).back();
  EXPECT_NEAR(quality.after.dr.value, 0.9, 1e-12);
  EXPECT_NEAR(quality.difference.value, 0, 1e-12);
  EXPECT_EQ(gate_min_quality(quality, {"0.85", 0.85, false}).kept, Kept::yes);
  EXPECT_EQ(gate_min_quality(quality, {"0.95", 0.95, false}).kept, Kept::no);
  EXPECT_EQ(gate_min_quality(quality, {"0.9", 0.9, false}).kept, Kept::unknown);
  EXPECT_EQ(gate_min_quality(quality, {"100%", 1, true}).kept, Kept::yes);
  EXPECT_EQ(gate_max_cost(cost, {"60%", 0.6, true}).kept, Kept::yes);
  EXPECT_EQ(gate_max_cost(cost, {"40%", 0.4, true}).kept, Kept::no);
}

// A cent that lacks overlap may be anything: the interval says so.
TEST(Replay, FewRequestsWithoutOverlapWidenTheInterval) {
  const ReplayChoice same{{{small, 1.0}}, {{small, 1.0}}, {{small, 1.0}}, "small", "small"};
  const ReplayChoice moved{{{small, 1.0}}, {{small, 1.0}}, {{large, 1.0}}, "small", "large"};
  ReplayRows rows = rows_of({same}, 1'000);
  rows.choices.push_back(moved);
  for (std::size_t i = 0; i < 8; ++i) rows.rows[i * 100].choice = 1;
  const ReplayMeasure quality = replay_quality(rows).back();
  ASSERT_TRUE(quality.after.told);
  EXPECT_DOUBLE_EQ(quality.after.lacking, 0.008);
  EXPECT_GT(quality.after.dr.interval.high - quality.after.dr.interval.low,
            quality.before.dr.interval.high - quality.before.dr.interval.low + 0.007);
}

TEST(Replay, PairsTellBothOutcomes) {
  ReplayRows rows;
  for (std::size_t i = 0; i < 200; ++i) rows.pairs.push_back({i, 0.5, i % 2 == 0 ? 0.8 : 0.6});
  const auto found = replay_quality(rows);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].source, "pairs");
  EXPECT_NEAR(found[0].difference.value, 0.2, 1e-12);
  rows.pairs.resize(100);
  for (ReplayPair& pair : rows.pairs) pair.quality_after = not_known;
  EXPECT_FALSE(replay_quality(rows)[0].after.told);
}

TEST(Replay, ADeploymentsWeightIsAPropensity) {
  // Half of small's requests went to each of two deployments; NEW sends all to the second.
  const ReplayChoice choice{{{0, 0.5}, {1, 0.5}}, {{0, 0.5}, {1, 0.5}}, {{1, 1.0}}, "small", "small"};
  ReplayRows rows = rows_of({choice}, 1'000);
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    rows.rows[i].action = i % 2;
    rows.rows[i].cost_usd = rows.rows[i].cost_usd_after = i % 2 == 1 ? 0.003 : 0.001;
  }
  const ReplayMeasure cost = replay_cost(rows);
  EXPECT_NEAR(cost.before.dr.value, 0.002, 1e-12);
  EXPECT_NEAR(cost.after.snips.value, 0.003, 1e-12);
  EXPECT_NEAR(cost.after.dr.value, 0.003, 1e-4);
}

TEST(Replay, WhatCountsAsQuality) {
  const auto measure = [](const char* source, std::size_t known, bool told) {
    ReplayMeasure out;
    out.source = source;
    out.known = known;
    out.before.told = out.after.told = told;
    return out;
  };
  EXPECT_EQ(main_quality({measure("grades", 100, true), measure("feedback", 900, true), measure("signals", 999, true)}),
            0U);
  EXPECT_EQ(main_quality({measure("grades", 100, false), measure("pairs", 900, true), measure("signals", 999, true)}),
            1U);
  EXPECT_EQ(main_quality({measure("grades", 3, true), measure("signals", 999, true)}), 1U);
  // Automatic signals say too little where people have spoken.
  EXPECT_EQ(main_quality({measure("grades", 100, false), measure("signals", 999, true)}), 0U);
}

}  // namespace
}  // namespace triage::offline
