#include "pipeline/live/breaker.hpp"

#include "pipeline/live/live_state.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class BreakerTest : public testing::Test {
 protected:
  void fail(int times = 1) {
    for (int i = 0; i < times; ++i) {
      breaker_.began(now_);
      breaker_.failed(now_);
    }
  }
  void succeed(int times = 1) {
    for (int i = 0; i < times; ++i) {
      breaker_.began(now_);
      breaker_.succeeded(now_);
    }
  }
  [[nodiscard]] bool admits() const { return breaker_.admits(now_); }

  Breaker breaker_;
  Breaker::Time now_{std::chrono::hours(1)};
};

TEST_F(BreakerTest, FailuresInARowEject) {
  fail(4);
  EXPECT_TRUE(admits());
  succeed();
  fail(4);
  EXPECT_TRUE(admits());
  fail();
  EXPECT_FALSE(admits());
  EXPECT_EQ(breaker_.admits_at(), now_ + seconds(2));
}

TEST_F(BreakerTest, AFailureRateEjectsOnceThereAreEnoughCalls) {
  for (int i = 0; i < 9; ++i) {
    succeed();
    fail();
    ASSERT_TRUE(admits()) << i;
  }
  succeed();
  EXPECT_TRUE(admits());
  fail();
  EXPECT_FALSE(admits());
}

TEST_F(BreakerTest, ThirtyPercentDoNotEject) {
  for (int i = 0; i < 1000; ++i) {
    if (i % 10 < 3) {
      fail();
    } else {
      succeed();
    }
    ASSERT_TRUE(admits()) << i;
    now_ += milliseconds(37);
  }
}

TEST_F(BreakerTest, OneProbeAtATimeAfterTheEjection) {
  fail(5);
  now_ += seconds(2);
  EXPECT_EQ(breaker_.state(now_), Breaker::State::half_open);
  EXPECT_TRUE(admits());
  breaker_.began(now_);
  EXPECT_FALSE(admits());
  breaker_.succeeded(now_);
  EXPECT_TRUE(admits());
  EXPECT_EQ(breaker_.state(now_), Breaker::State::closed);
}

TEST_F(BreakerTest, FailedProbesEjectForLongerUpToTheBound) {
  fail(5);
  std::vector<std::int64_t> lengths;
  for (int i = 0; i < 6; ++i) {
    lengths.push_back((breaker_.admits_at() - now_) / milliseconds(1));
    now_ = breaker_.admits_at();
    fail();
  }
  EXPECT_EQ(lengths, (std::vector<std::int64_t>{2000, 4000, 8000, 16000, 20000, 20000}));
  now_ = breaker_.admits_at();
  succeed();
  fail(5);
  EXPECT_EQ(breaker_.admits_at(), now_ + seconds(2)) << "a success starts over";
}

TEST_F(BreakerTest, AProbeThatNeverEndsDoesNotHoldTheDoor) {
  fail(5);
  now_ += seconds(2);
  breaker_.began(now_);
  now_ += seconds(61);
  EXPECT_TRUE(admits());
}

TEST_F(BreakerTest, CoolingIsNoFailure) {
  breaker_.cool_until(now_ + seconds(7));
  EXPECT_FALSE(admits());
  EXPECT_EQ(breaker_.state(now_), Breaker::State::closed);
  now_ += seconds(7);
  EXPECT_TRUE(admits());
}

TEST_F(BreakerTest, OtherLimitsKeepWhatWasCounted) {
  fail(3);
  BreakerSpec stricter;
  stricter.consecutive = 4;
  stricter.eject = seconds(7);
  breaker_.use(stricter);
  EXPECT_TRUE(admits());
  fail();
  EXPECT_EQ(breaker_.admits_at(), now_ + seconds(7));
  breaker_.use(BreakerSpec());
  EXPECT_EQ(breaker_.admits_at(), now_ + seconds(7)) << "an ejection lasts as long as it was to";
}

TEST(RetryBudget, OtherLimitsKeepWhatWasTaken) {
  RetryBudget budget(0.2, 3);
  const RetryBudget::Time now{std::chrono::hours(1)};
  for (int i = 0; i < 100; ++i) budget.request(now);
  int taken = 0;
  while (budget.take(now)) ++taken;
  budget.use(0.25, 3);
  while (budget.take(now)) ++taken;
  EXPECT_EQ(taken, 25);
  budget.use(0.1, 3);
  EXPECT_FALSE(budget.take(now));
}

TEST(LiveState, IsKeptByNameAndTakesOtherLimits) {
  LiveState live_state;
  ConfigSpec config;
  config.deployments.push_back(Deployment{"a", "p", "a"});
  RouteSpec route;
  route.name = "r";
  config.routes.push_back(route);
  const Breaker::Time now{std::chrono::hours(1)};
  GuardedBreaker& breaker = live_state.breaker("a", config.breaker);
  RetryBudget& budget = live_state.budget("r", route.retry);
  const auto fail = [now](Breaker& known) {
    known.failed(now);
    return known.admits(now);
  };
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(breaker.with(fail));
  config.breaker.consecutive = 4;
  config.routes[0].retry.budget_min = 1;
  live_state.use(config);
  EXPECT_EQ(&live_state.breaker("a", config.breaker), &breaker);
  EXPECT_EQ(&live_state.budget("r", route.retry), &budget);
  EXPECT_FALSE(breaker.with(fail)) << "the fourth failure in a row";
  EXPECT_TRUE(budget.take(now));
  EXPECT_FALSE(budget.take(now));
}

TEST(RetryBudget, AShareOfTheTrafficAndAFewInAnyCase) {
  RetryBudget budget(0.2, 3);
  RetryBudget::Time now{std::chrono::hours(1)};
  int taken = 0;
  while (budget.take(now)) ++taken;
  EXPECT_EQ(taken, 3);
  for (int i = 0; i < 100; ++i) budget.request(now);
  while (budget.take(now)) ++taken;
  EXPECT_EQ(taken, 20);
  now += seconds(9);
  EXPECT_FALSE(budget.take(now));
  now += seconds(1);
  EXPECT_TRUE(budget.take(now)) << "the window has moved on";
}

TEST_F(BreakerTest, ARestIsGrantedUpToItsBound) {
  breaker_.rest(now_, seconds(60));
  EXPECT_FALSE(admits());
  EXPECT_EQ(breaker_.rests(now_ + seconds(50)), seconds(10));
  EXPECT_EQ(breaker_.admits_at(), now_ + seconds(60));
  breaker_.rest(now_, seconds(7));
  EXPECT_EQ(breaker_.rests(now_), seconds(60)) << "the longer one counts";
  breaker_.rest(now_, std::chrono::hours(1));
  EXPECT_EQ(breaker_.rests(now_), seconds(300)) << "rest_max";
  EXPECT_TRUE(breaker_.admits(now_ + seconds(300)));
  EXPECT_LE(breaker_.rests(now_ + seconds(300)), milliseconds(0));
  Breaker cooling;
  cooling.cool_until(now_ + seconds(1));
  EXPECT_FALSE(cooling.admits(now_));
  EXPECT_LE(cooling.rests(now_), milliseconds(0)) << "nobody asked";
}

}  // namespace
}  // namespace triage
