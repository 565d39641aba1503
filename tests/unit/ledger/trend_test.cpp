#include "ledger/trend.hpp"

#include "base/unix_time.hpp"
#include "ledger/histogram_sum.hpp"
#include "ledger/report.hpp"
#include "unit/ledger/made_database.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <random>

namespace triage::ledger {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t hour = 3600;
constexpr std::int64_t begin = 1'700'000'000 / hour * hour;

Sums sums_of(std::int64_t requests, std::int64_t cost, std::int64_t frontier, double ms) {
  Sums out;
  out.add(Sums::requests, requests);
  out.add(Sums::attempts, requests);
  out.add(Sums::cost_nano_usd, cost);
  out.add(Sums::frontier_cost_nano_usd, frontier);
  for (std::int64_t i = 0; i < requests; ++i) out.latency.add_ms(ms);
  return out;
}

// Two weeks of hours, of several routes, tiers, keys and outcomes.
void fill(MadeDatabase& made) {
  std::mt19937_64 random(3);
  made.execute("PRAGMA synchronous = OFF; BEGIN");
  for (std::int64_t at = 0; at < 14 * 24; ++at)
    for (const auto& [route, tier, deployment, key, outcome] :
         {std::tuple("chat", "small", "nano", "web", "ok"), std::tuple("chat", "large", "opus", "", "ok"),
          std::tuple("chat", "small", "nano", "web", "upstream_error"),
          std::tuple("extract", "small", "mini", "web", "ok"), std::tuple("extract", "", "", "", "client_error")}) {
      const auto requests = static_cast<std::int64_t>(random() % 9);
      made.sums(hour, begin + at * hour, {route, tier, deployment, key, deployment, outcome},
                sums_of(requests, requests * static_cast<std::int64_t>(random() % 1000), requests * 1000,
                        static_cast<double>(1 + random() % 2000)));
    }
  made.execute("COMMIT");
}

TEST(Trend, ItsSumsAreTheReports) {
  MadeDatabase made;
  fill(made);
  const std::int64_t since = begin + 25 * hour + 1234;  // in the middle of an hour and of a step
  const std::int64_t until = begin + 14 * 24 * hour;
  const Report report = make_report({made.folder(), since, until, GroupBy::tier});
  const Json found = trend({made.folder(), since, until, {}, {}, {}, {}, {}});
  ASSERT_GT(report.total.sums[Sums::requests], 1000);
  for (std::size_t i = 0; i < count_names.size(); ++i)
    EXPECT_EQ(found["total"][std::string(count_names[i])], report.total.sums.counts[i]) << count_names[i];
  for (const double share : {0.5, 0.95, 0.99})
    EXPECT_EQ(found["total"]["latency_ms"]["p" + std::to_string(std::lround(share * 100))],
              report.total.sums.latency.percentile_us(share) / 1000);
  for (const auto& [name, count] : report.total.outcomes) EXPECT_EQ(found["total"]["outcomes"][name], count);
  EXPECT_EQ(found["total"]["outcomes"].size(), report.total.outcomes.size());
  std::size_t tiers = 0;
  for (const Json& each : found["by"]["tier"]) {
    const std::string name = each["name"].is_null() ? "" : each["name"].get<std::string>();
    const ReportGroup& group = report.groups.at(name);
    ++tiers;
    EXPECT_EQ(each["requests"], group.sums[Sums::requests]);
    EXPECT_EQ(each["cost_nano_usd"], group.sums[Sums::cost_nano_usd]);
    ASSERT_EQ(each["latency_ms"].is_null(), group.sums.latency.count() == 0);
    if (!each["latency_ms"].is_null()) {
      EXPECT_EQ(each["latency_ms"]["p95"], group.sums.latency.percentile_us(0.95) / 1000);
    }
  }
  EXPECT_EQ(tiers, report.groups.size());
  EXPECT_EQ(found["total"]["errors"],
            report.total.outcomes.at("upstream_error") + report.total.outcomes.at("client_error"));
}

TEST(Trend, ADayBeginsWithTheMinutesOfItsFirstHour) {
  MadeDatabase made;
  const std::int64_t now = now_unix_ms() / 1000;
  const std::int64_t first = floor_to(now, hour) - 26 * hour;
  made.execute("PRAGMA synchronous = OFF; BEGIN");
  for (std::int64_t at = first; at <= now; at += hour) {
    made.sums(hour, at, {"chat", "small", "nano", "web", "nano", "ok"}, sums_of(60, 600, 6000, 20));
    for (std::int64_t minute = at; minute < at + hour; minute += 60)
      made.sums(60, minute, {"chat", "small", "nano", "web", "nano", "ok"}, sums_of(1, 10, 100, 20));
  }
  made.execute("COMMIT");
  for (const std::int64_t since : {first + 17 * 60 + 5, first + hour, now - 4 * hour, now - 1800}) {
    const Report report = make_report({made.folder(), since, now, GroupBy::nothing});
    const Json found = trend({made.folder(), since, now + 1, {}, {}, {}, {}, {}});
    EXPECT_EQ(found["since_unix_s"], report.since_unix_s);
    EXPECT_GE(found["total"]["requests"], report.total.sums[Sums::requests] - 60);  // the minutes that are to come
    EXPECT_LE(found["total"]["requests"], report.total.sums[Sums::requests]);
  }
  const Json found = trend({made.folder(), first + 17 * 60 + 5, floor_to(now, hour), {}, {}, {}, {}, {}});
  EXPECT_EQ(found["total"]["requests"], 43 + 25 * 60);
  EXPECT_EQ(found["series"][0]["requests"], 43);
}

TEST(Trend, ItsStepsAddUpAndThePeriodBeforeIsAsLong) {
  MadeDatabase made;
  fill(made);
  const std::int64_t middle = begin + 7 * 24 * hour;
  const Json found = trend({made.folder(), middle, begin + 14 * 24 * hour, {}, {}, {}, {}, {}});
  std::int64_t requests = 0;
  std::int64_t small = 0;
  for (const Json& step : found["series"]) {
    requests += step["requests"].get<std::int64_t>();
    small += step["tiers"].value("small", std::int64_t{0});
  }
  EXPECT_EQ(found["total"]["requests"], requests);
  EXPECT_EQ(found["total"]["tiers"]["small"], small);
  EXPECT_EQ(found["step_s"], 2 * hour);
  const Json before = trend({made.folder(), begin, middle, {}, {}, {}, {}, {}});
  EXPECT_EQ(found["before"]["requests"], before["total"]["requests"]);
  EXPECT_EQ(found["before"]["errors"], before["total"]["errors"]);
  EXPECT_TRUE(before["before"].is_null()) << "nothing is known of the time before the first hour";
}

TEST(Trend, OneNameIsItsShareOfAll) {
  MadeDatabase made;
  fill(made);
  const auto asked = [&](TrendOptions options) {
    options.folder = made.folder();
    options.since_unix_s = begin;
    options.until_unix_s = begin + 14 * 24 * hour;
    return trend(options);
  };
  const Json all = asked({});
  for (const char* dimension : {"route", "tier", "deployment", "key", "model"})
    for (const Json& each : all["by"][dimension]) {
      TrendOptions options;
      const std::string name = each["name"].is_null() ? "" : each["name"].get<std::string>();
      (std::string_view(dimension) == "route"        ? options.route
       : std::string_view(dimension) == "tier"       ? options.tier
       : std::string_view(dimension) == "deployment" ? options.deployment
       : std::string_view(dimension) == "key"        ? options.key
                                                     : options.model) = name;
      EXPECT_EQ(asked(options)["total"]["requests"], each["requests"]) << dimension << " " << name;
      EXPECT_EQ(asked(options)["total"]["cost_nano_usd"], each["cost_nano_usd"]) << dimension << " " << name;
    }
  TrendOptions nobody;
  nobody.route = "chat' OR '1'='1";
  EXPECT_EQ(asked(nobody)["total"]["requests"], 0);
}

TEST(Trend, WithoutADatabaseEverythingIsZero) {
  const Json found = trend({"/no/such/folder", begin, begin + hour, {}, {}, {}, {}, {}});
  EXPECT_EQ(found["total"]["requests"], 0);
  EXPECT_TRUE(found["total"]["latency_ms"].is_null());
  EXPECT_TRUE(found["savings"].is_null());
  EXPECT_EQ(found["last_unix_ms"], 0);
}

TEST(Saved, ItsIntervalHoldsTheTruthNineteenTimesOfTwenty) {
  std::mt19937_64 random(11);
  std::lognormal_distribution<double> size(0, 1);
  std::normal_distribution<double> noise(0, 0.1);
  constexpr double truth = 0.7;
  int held = 0;
  for (int run = 0; run < 400; ++run) {
    Saved saved;
    for (int slice = 0; slice < 100; ++slice) {
      const double frontier = size(random);
      saved.add(frontier * (1 - truth + noise(random)), frontier);
    }
    const auto share = saved.share();
    ASSERT_TRUE(share);
    held += share->low <= truth && truth <= share->high ? 1 : 0;
  }
  EXPECT_GE(held, 360);
  EXPECT_LE(held, 396);
}

TEST(Saved, SaysNothingOfFewSlices) {
  Saved saved;
  for (int i = 0; i < 9; ++i) saved.add(1, 2);
  EXPECT_FALSE(saved.share());
  saved.add(5, 0);
  EXPECT_FALSE(saved.share()) << "a slice with nothing to compare with is none";
  saved.add(1, 2);
  ASSERT_TRUE(saved.share());
  EXPECT_DOUBLE_EQ(saved.share()->estimate, 0.5);
  EXPECT_NEAR(saved.share()->low, 0.5, 1e-9) << "all slices are alike";
}

TEST(TrendStep, APeriodHasAtMost120) {
  EXPECT_EQ(trend_step_s(hour), 60);
  EXPECT_EQ(trend_step_s(24 * hour), 900);
  EXPECT_EQ(trend_step_s(30 * 24 * hour), 6 * hour);
  for (std::int64_t span = 60; span < 400 * 24 * hour; span += 7919)
    EXPECT_LE((span + trend_step_s(span) - 1) / trend_step_s(span), 120) << span;
}

TEST(HistogramSum, IsTheHistogramOfAll) {
  std::mt19937_64 random(5);
  std::lognormal_distribution<double> ms(4, 1);
  LogHistogram slow;
  HistogramSum quick, other;
  double sum = 0;
  constexpr int rows = 200, each = 20;
  for (int row = 0; row < rows; ++row) {
    LogHistogram one;
    for (int i = 0; i < each; ++i) {
      const double time = ms(random);
      one.add_ms(time);
      sum += time * 1000;
    }
    slow.add(one);
    ASSERT_TRUE((row % 2 == 0 ? quick : other).add_encoded(one.encode()));
  }
  quick.add(other);
  EXPECT_EQ(quick.histogram().encode(), slow.encode());
  const double mean = sum / (rows * each);
  EXPECT_NEAR(quick.mean().us, mean, mean * 0.016);
  EXPECT_GT(quick.mean().half_us, 0);
  EXPECT_FALSE(quick.add_encoded("\x80"));
  EXPECT_EQ(HistogramSum().mean().us, 0);
  EXPECT_EQ(HistogramSum().histogram().count(), 0U);
}

}  // namespace
}  // namespace triage::ledger
