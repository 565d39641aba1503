#include "ledger/rollup.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <random>
#include <vector>

namespace triage::ledger {
namespace {

TEST(LogHistogram, HasBucketsThatAreNarrowAndWithoutGaps) {
  std::uint32_t last = 0;
  for (std::uint64_t us = 1; us < 3'000'000; us += 1 + us / 500) {
    const std::uint32_t bucket = LogHistogram::bucket_of(us);
    ASSERT_LE(bucket - last, 1U) << us;
    ASSERT_LE(LogHistogram::lowest_of(bucket), us);
    ASSERT_GT(LogHistogram::lowest_of(bucket + 1), us);
    const auto width = static_cast<double>(LogHistogram::lowest_of(bucket + 1) - LogHistogram::lowest_of(bucket));
    ASSERT_LE(width / static_cast<double>(std::max<std::uint64_t>(us, 32)), 1.0 / 31) << us;
    last = bucket;
  }
  EXPECT_LT(LogHistogram::bucket_of(std::numeric_limits<std::uint64_t>::max()), LogHistogram::bucket_count);
}

TEST(LogHistogram, PercentilesAreWithinTwoPercent) {
  std::mt19937_64 random(1);
  std::lognormal_distribution<double> milliseconds(5, 1.5);
  LogHistogram histogram;
  std::vector<double> exact;
  for (int i = 0; i < 50'000; ++i) {
    exact.push_back(milliseconds(random));
    histogram.add_ms(exact.back());
  }
  std::ranges::sort(exact);
  for (const double share : {0.01, 0.5, 0.9, 0.95, 0.99, 0.999}) {
    const double want = exact[static_cast<std::size_t>(share * 50'000) - 1] * 1000;
    EXPECT_NEAR(histogram.percentile_us(share), want, want * 0.02) << share;
  }
  EXPECT_EQ(LogHistogram().percentile_us(0.5), 0);
}

TEST(LogHistogram, IsReadAsItWasWrittenAndAddsUp) {
  LogHistogram a;
  LogHistogram b;
  for (const std::int64_t us : {0, 1, 31, 32, 1000, 1000, 5'000'000, -3}) a.add_us(us);
  b.add_us(1000, 1'000'000'000'000);
  b.add_us(std::numeric_limits<std::int64_t>::max());
  LogHistogram sum;
  ASSERT_TRUE(sum.add_encoded(a.encode()));
  ASSERT_TRUE(sum.add_encoded(b.encode()));
  a.add(b);
  EXPECT_EQ(sum.encode(), a.encode());
  EXPECT_EQ(sum.count(), 8U + 1'000'000'000'000U + 1);
  EXPECT_EQ(LogHistogram().encode(), "");
}

TEST(LogHistogram, RefusesOtherBytes) {
  LogHistogram histogram;
  for (const std::string& bytes : {std::string("\x01"), std::string("\xff\xff\xff\xff\x7f\x01"),
                                   std::string("\x01\x00", 2), std::string(20, '\xff')})
    EXPECT_FALSE(histogram.add_encoded(bytes));
}

using A = AttemptRecord;
using R = LedgerRecord;

StoredAttempt attempt(std::string_view deployment, std::string_view cause, Integer cost, std::string_view end) {
  StoredAttempt made;
  made.get<&A::purpose>() = "answer";
  made.get<&A::cause>() = cause;
  made.get<&A::deployment>() = deployment;
  made.get<&A::model>() = deployment;
  made.get<&A::tier>() = deployment == "llama" ? "small" : "large";
  made.get<&A::tokens>().get<&Usage::input>() = 10;
  made.get<&A::tokens>().get<&Usage::output>() = 5;
  made.get<&A::usage_source>() = "reported";
  made.get<&A::cost_nano_usd>() = cost;
  made.get<&A::end>() = end;
  return made;
}

StoredRecord record(std::int64_t time_unix_ms) {
  StoredRecord made;
  made.get<&R::time_unix_ms>() = time_unix_ms;
  made.get<&R::route>() = "chat";
  made.get<&R::tier>() = "large";
  made.get<&R::key>() = "k";
  made.get<&R::outcome>() = "ok";
  made.get<&R::latency_ms>() = 100;
  made.get<&R::overhead_us>() = 140;
  made.get<&R::frontier_cost_nano_usd>() = 700;
  return made;
}

std::map<std::string, Sums> by_deployment(const Rollups& rollups) {
  std::map<std::string, Sums> found;
  rollups.for_each([&](std::int64_t, const RollupNames& names, const Sums& sums) {
    found[std::string(names.deployment)].add(sums);
  });
  return found;
}

TEST(Rollups, ARefusalThatWasEscalatedCountsWhereItWasMade) {
  for (const char* verdict :
       {"refusal: \"i can't help\"", "the model refused", "no check objects; the model refused"}) {
    StoredRecord made = record(61'000);
    made.get<&R::attempts>().rows = {attempt("llama", "first", 10, "rejected"),
                                     attempt("frontier", "escalation", 300, "completed")};
    made.get<&R::attempts>().rows[0].get<&A::verdict>() = verdict;
    Rollups rollups;
    rollups.add(made, 60);
    const auto found = by_deployment(rollups);
    EXPECT_EQ(found.at("llama")[Sums::refusals], 1) << verdict;
    EXPECT_EQ(found.at("frontier")[Sums::refusals], 0) << verdict;
  }
  StoredRecord made = record(61'000);
  made.get<&R::attempts>().rows = {attempt("llama", "first", 10, "rejected"),
                                   attempt("frontier", "escalation", 300, "completed")};
  made.get<&R::attempts>().rows[0].get<&A::verdict>() = "the answer is empty";
  Rollups rollups;
  rollups.add(made, 60);
  EXPECT_EQ(by_deployment(rollups).at("llama")[Sums::refusals], 0);
}

TEST(Rollups, CountOnlyRequestsToAModel) {
  Rollups rollups;
  for (const char* own : {"/v1/feedback", "/v1/models", "/v1/models/gpt-4o", "/v1/messages/count_tokens", "/health",
                          "/", "/v1beta/models/auto:countTokens", "/nothing?here"}) {
    StoredRecord made = record(61'000);
    made.get<&R::path>() = own;
    made.get<&R::route>() = "";
    rollups.add(made, 60);
  }
  EXPECT_TRUE(by_deployment(rollups).empty());
  StoredRecord refused = record(61'000);  // its model is unknown, so it has no route
  refused.get<&R::path>() = "/v1/chat/completions?beta=1";
  refused.get<&R::route>() = "";
  rollups.add(refused, 60);
  StoredRecord passed = record(61'000);
  passed.get<&R::path>() = "/v1/files";
  rollups.add(passed, 60);
  StoredRecord counted = record(61'000);  // a provider counted the tokens
  counted.get<&R::path>() = "/v1/messages/count_tokens";
  counted.get<&R::route>() = "";
  counted.get<&R::attempts>().rows = {attempt("", "first", 0, "completed")};
  rollups.add(counted, 60);
  EXPECT_EQ(by_deployment(rollups).at("")[Sums::requests], 3);
}

TEST(Rollups, CountTheRequestOnceAndEachAttemptWhereItWasMade) {
  StoredRecord made = record(61'000);
  made.get<&R::signals>().members.get<&Signals::refusal>() = true;
  made.get<&R::attempts>().rows = {attempt("llama", "first", 10, "failed"),
                                   attempt("llama", "retry", std::nullopt, "failed"),
                                   attempt("frontier", "fallback", 300, "completed")};
  made.get<&R::attempts>().rows[1].get<&A::usage_source>() = "estimated";
  Rollups rollups;
  rollups.add(made, 60);
  const auto found = by_deployment(rollups);
  ASSERT_EQ(found.size(), 2U);
  const Sums& llama = found.at("llama");
  EXPECT_EQ(llama[Sums::requests], 0);
  EXPECT_EQ(llama[Sums::attempts], 2);
  EXPECT_EQ(llama[Sums::retries], 1);
  EXPECT_EQ(llama[Sums::cost_nano_usd], 10);
  EXPECT_EQ(llama[Sums::cost_unknown], 1);
  EXPECT_EQ(llama[Sums::estimated], 1);
  EXPECT_EQ(llama[Sums::tokens_input], 20);
  EXPECT_EQ(llama.latency.count(), 0U);
  const Sums& frontier = found.at("frontier");
  EXPECT_EQ(frontier[Sums::requests], 1);
  EXPECT_EQ(frontier[Sums::refusals], 1);
  EXPECT_EQ(frontier[Sums::fallbacks], 1);
  EXPECT_EQ(frontier[Sums::cost_nano_usd], 300);
  EXPECT_EQ(frontier[Sums::frontier_cost_nano_usd], 700);
  EXPECT_EQ(frontier.latency.count(), 1U);
  EXPECT_EQ(frontier.ttft.count(), 0U);
}

TEST(Rollups, AHedgeThatWasCutOffIsNotWhereTheAnswerCameFrom) {
  StoredRecord made = record(0);
  made.get<&R::attempts>().rows = {attempt("llama", "first", 10, "completed"),
                                   attempt("frontier", "hedge", 300, "cancelled")};
  Rollups rollups;
  rollups.add(made, 60);
  EXPECT_EQ(by_deployment(rollups).at("llama")[Sums::requests], 1);
  EXPECT_EQ(by_deployment(rollups).at("frontier")[Sums::hedges], 1);
}

TEST(Rollups, AShadowIsNoRequestButCosts) {
  StoredRecord made = record(61'000);
  made.get<&R::shadow_of>() = "req_other";
  made.get<&R::attempts>().rows = {attempt("frontier", "first", 300, "completed")};
  Rollups rollups;
  rollups.add(made, 60);
  const auto found = by_deployment(rollups);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.at("frontier")[Sums::requests], 0);
  EXPECT_EQ(found.at("frontier")[Sums::cost_nano_usd], 300);
  EXPECT_EQ(found.at("frontier")[Sums::frontier_cost_nano_usd], 0);
  EXPECT_EQ(found.at("frontier").latency.count(), 0U);
}

TEST(Rollups, ARequestThatReachedNobodyHasNoTimesAndNoCosts) {
  StoredRecord made = record(0);
  made.get<&R::frontier_cost_nano_usd>().reset();
  made.get<&R::outcome>() = "client_error";
  Rollups rollups;
  rollups.add(made, 60);
  const Sums sums = by_deployment(rollups).at("");
  EXPECT_EQ(sums[Sums::requests], 1);
  EXPECT_EQ(sums[Sums::frontier_unknown], 0);
  EXPECT_EQ(sums[Sums::cost_unknown], 0);
  EXPECT_EQ(sums.latency.count(), 0U);
}

TEST(Rollups, APeriodBeginsAtItsFullMinute) {
  Rollups rollups;
  for (const std::int64_t ms : {0LL, 59'999LL, 60'000LL, -999LL}) rollups.add(record(ms), 60);
  std::map<std::int64_t, std::int64_t> requests;
  rollups.for_each([&](std::int64_t start, const RollupNames& names, const Sums& sums) {
    requests[start] += sums[Sums::requests];
    EXPECT_EQ(names.route, "chat");
    EXPECT_EQ(names.outcome, "ok");
  });
  EXPECT_EQ(requests, (std::map<std::int64_t, std::int64_t>{{0, 3}, {60, 1}}));
}

TEST(Sums, StopAtTheLargestNumber) {
  Sums sums;
  sums.add(Sums::cost_nano_usd, std::numeric_limits<std::int64_t>::max());
  sums.add(Sums::cost_nano_usd, 5);
  EXPECT_EQ(sums[Sums::cost_nano_usd], std::numeric_limits<std::int64_t>::max());
}

}  // namespace
}  // namespace triage::ledger
