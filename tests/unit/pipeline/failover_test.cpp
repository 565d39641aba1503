#include "pipeline/attempt/failover.hpp"

#include <gtest/gtest.h>

#include <random>

namespace triage {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class FailoverTest : public testing::Test {
 protected:
  Failover make(std::size_t candidates) {
    seen_.resize(candidates);
    return Failover(candidates, retry_, [this](std::size_t i) { return seen_[i]; });
  }
  std::optional<Failover::Step> after(Failover& failover, Remedy remedy, std::optional<milliseconds> asked = {},
                                      milliseconds left = seconds(60)) {
    Failure failure;
    failure.remedy = remedy;
    failure.retry_after = asked;
    return failover.after(failure, left, 0.5, [this] { return budget_-- > 0; });
  }

  // The provider asks for it by itself.
  std::optional<Failover::Step> after_rest(Failover& failover, milliseconds asked) {
    Failure failure;
    failure.remedy = Remedy::anywhere;
    failure.retry_after = asked;
    failure.asked = true;
    return failover.after(failure, seconds(60), 0.5, [this] { return budget_-- > 0; });
  }

  RetrySpec retry_;
  std::vector<Failover::Candidate> seen_;
  int budget_ = 100;
};

TEST_F(FailoverTest, RetryThenFallbackThenGiveUp) {
  Failover failover = make(2);
  EXPECT_EQ(failover.first()->candidate, 0U);
  auto step = after(failover, Remedy::anywhere);
  ASSERT_TRUE(step && step->retry);
  EXPECT_EQ(step->candidate, 0U);
  EXPECT_EQ(step->pause, milliseconds(50));
  step = after(failover, Remedy::anywhere);
  ASSERT_TRUE(step && !step->retry);
  EXPECT_EQ(step->candidate, 1U);
  EXPECT_EQ(step->pause, milliseconds(0));
  step = after(failover, Remedy::anywhere);
  ASSERT_TRUE(step && step->retry);
  EXPECT_FALSE(after(failover, Remedy::anywhere));
}

TEST_F(FailoverTest, WhatIsNotAbleIsNeverAskedNorAskedAgain) {
  Failover failover = make(3);
  failover.first();
  seen_[0].able = seen_[1].able = false;
  const auto step = after(failover, Remedy::anywhere);
  ASSERT_TRUE(step && !step->retry);
  EXPECT_EQ(step->candidate, 2U);
  EXPECT_EQ(budget_, 100) << "no retry was taken out for the first";
  seen_[2].able = false;
  EXPECT_FALSE(after(failover, Remedy::anywhere));
}

TEST_F(FailoverTest, WhereAnAnswerWasCutOffIsAskedAgainOnlyIfThereIsNobodyElse) {
  Failure cut;
  cut.remedy = Remedy::anywhere;
  cut.elsewhere = true;
  const auto where = [&](std::size_t candidates) {
    Failover failover = make(candidates);
    failover.first();
    return failover.after(cut, seconds(60), 0.5, [this] { return budget_-- > 0; });
  };
  const auto other = where(2);
  ASSERT_TRUE(other && !other->retry);
  EXPECT_EQ(other->candidate, 1U);
  const auto same = where(1);
  ASSERT_TRUE(same && same->retry);
  EXPECT_EQ(same->candidate, 0U);
}

TEST_F(FailoverTest, WhoAskedForRestIsNotCalledAndTheSoonestIsKnown) {
  Failover failover = make(3);
  const auto rest = [this](std::size_t i, int asked) {
    seen_[i].admitted = false;
    seen_[i].rests = seconds(asked);
  };
  rest(0, 20);
  rest(1, 7);
  seen_[2].admitted = false;  // ejected: better than nobody
  seen_[2].admitted_at = Failover::Time() + seconds(60);
  EXPECT_FALSE(failover.rest_left());
  EXPECT_EQ(failover.first()->candidate, 2U);
  EXPECT_FALSE(after(failover, Remedy::elsewhere));
  rest(2, 30);
  EXPECT_EQ(failover.rest_left(), seconds(7));
  seen_[1].able = false;
  EXPECT_EQ(failover.rest_left(), seconds(20));
  Failover all = make(3);
  EXPECT_FALSE(all.first());
}

TEST_F(FailoverTest, WhoHasRestedFirstIsWaitedForIfThatIsSoon) {
  Failover failover = make(2);
  failover.first();
  EXPECT_EQ(after_rest(failover, seconds(9))->candidate, 1U);
  seen_[0].rests = seconds(8);
  const auto sooner = after_rest(failover, seconds(9));
  ASSERT_TRUE(sooner && !sooner->retry);
  EXPECT_EQ(sooner->candidate, 0U);
  EXPECT_EQ(sooner->pause, seconds(8));
  Failover late = make(1);
  late.first();
  EXPECT_FALSE(after_rest(late, seconds(11))) << "wait_max: the client is told";
}

TEST_F(FailoverTest, AShortRestIsWaitedForWhereTheRouteSaysSo) {
  retry_.wait = seconds(2);
  Failover failover = make(2);
  failover.first();
  const auto again = after_rest(failover, seconds(2));
  ASSERT_TRUE(again && again->retry);
  EXPECT_EQ(again->candidate, 0U);
  EXPECT_EQ(again->pause, seconds(2));
  EXPECT_EQ(after_rest(failover, seconds(2))->candidate, 1U) << "its tries are used up";
  Failover longer = make(2);
  longer.first();
  EXPECT_EQ(after_rest(longer, seconds(3))->candidate, 1U);
  Failover unasked = make(2);
  unasked.first();
  EXPECT_EQ(after(unasked, Remedy::anywhere, seconds(1))->candidate, 1U) << "nobody asked for that pause";
}

TEST_F(FailoverTest, OthersAreAskedBeforeWhoseHostIsSilent) {
  Failover failover = make(4);
  failover.first();
  seen_[1].aside = seen_[2].aside = true;
  EXPECT_EQ(after(failover, Remedy::elsewhere)->candidate, 3U);
  seen_[1].admitted = false;
  EXPECT_EQ(after(failover, Remedy::elsewhere)->candidate, 2U) << "before those that are ejected";
  EXPECT_EQ(after(failover, Remedy::elsewhere)->candidate, 1U);
  Failover hedged = make(2);
  hedged.first();
  seen_[1] = {};
  seen_[1].aside = true;
  EXPECT_FALSE(hedged.hedge());
}

TEST_F(FailoverTest, TheRequestsOwnFaultIsNotRepeated) {
  Failover failover = make(3);
  failover.first();
  EXPECT_FALSE(after(failover, Remedy::none));
}

TEST_F(FailoverTest, ATimeoutGoesElsewhereOrNowhere) {
  Failover failover = make(2);
  failover.first();
  const auto step = after(failover, Remedy::elsewhere);
  ASSERT_TRUE(step && !step->retry);
  EXPECT_EQ(step->candidate, 1U);
  EXPECT_FALSE(after(failover, Remedy::elsewhere));
}

TEST_F(FailoverTest, WhatWasAskedForIsWaitedForOnlyWhereNobodyElseCanAnswer) {
  Failover two = make(2);
  two.first();
  EXPECT_EQ(after(two, Remedy::anywhere, seconds(2))->candidate, 1U);
  Failover one = make(1);
  one.first();
  const auto step = after(one, Remedy::anywhere, seconds(2));
  ASSERT_TRUE(step && step->retry);
  EXPECT_EQ(step->pause, seconds(2));
  Failover late = make(1);
  late.first();
  EXPECT_FALSE(after(late, Remedy::anywhere, seconds(2), seconds(1))) << "it would not fit the deadline";
}

TEST_F(FailoverTest, WithoutABudgetTheNextCandidateIsAsked) {
  budget_ = 0;
  Failover failover = make(2);
  failover.first();
  EXPECT_EQ(after(failover, Remedy::anywhere)->candidate, 1U);
  EXPECT_FALSE(after(failover, Remedy::anywhere));
}

TEST_F(FailoverTest, EjectedOnesArePassedOverButTheLeastBadIsTriedRatherThanNone) {
  Failover failover = make(3);
  seen_[0] = {false, Failover::Time(seconds(30)), 0, true};
  EXPECT_EQ(failover.first()->candidate, 1U);
  Failover none = make(3);
  seen_[1] = {false, Failover::Time(seconds(10)), 0, true};
  seen_[2] = {false, Failover::Time(seconds(20)), 0, true};
  EXPECT_EQ(none.first()->candidate, 1U);
}

TEST_F(FailoverTest, ATooLongPromptGoesToALargerWindowOnly) {
  Failover failover = make(3);
  seen_[0].context_window = 8000;
  seen_[1].context_window = 8000;
  seen_[2].context_window = 128000;
  failover.first();
  EXPECT_EQ(after(failover, Remedy::larger_window)->candidate, 2U);
  Failover unknown = make(2);
  seen_[0].context_window = seen_[1].context_window = 0;
  unknown.first();
  EXPECT_FALSE(after(unknown, Remedy::larger_window));
  seen_[1].context_window = 8000;
  seen_[1].fits = true;
  EXPECT_EQ(after(unknown, Remedy::larger_window)->candidate, 1U) << "it holds the prompt by far";
}

// For any sequence of failures: bounded attempts, no candidate more often than allowed, pauses below their ceiling.
TEST_F(FailoverTest, BoundedWhateverHappens) {
  std::mt19937 random(11);
  for (int round = 0; round < 5000; ++round) {
    const std::size_t count = 1 + random() % 4;
    retry_.attempts = 1 + random() % 3;
    budget_ = static_cast<int>(random() % 6);
    Failover failover = make(count);
    for (auto& one : seen_)
      one = {random() % 2 == 0, Failover::Time(seconds(random() % 100)), std::int64_t(random() % 3) * 1000, true};
    std::vector<std::uint32_t> tries(count, 0);
    std::optional<Failover::Step> step = failover.first();
    int made = 0;
    while (step) {
      ASSERT_LE(++tries[step->candidate], retry_.attempts);
      ASSERT_LE(step->pause, retry_.backoff_max);
      ASSERT_LE(++made, static_cast<int>(count * retry_.attempts));
      step = after(failover, static_cast<Remedy>(random() % 4));
    }
  }
}

}  // namespace
}  // namespace triage
