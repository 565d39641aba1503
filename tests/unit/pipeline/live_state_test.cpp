#include "pipeline/live/live_state.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace triage {
namespace {

using testing::HasSubstr;

TEST(LiveState, TellsTheStateOfEachBreaker) {
  LiveState live_state;
  Metrics metrics;
  BreakerSpec spec;
  spec.consecutive = 1;
  spec.eject = milliseconds(1000);
  const Breaker::Time now = Breaker::Clock::now();
  GuardedBreaker& breaker = live_state.breaker("a", spec);
  live_state.measure(metrics, now);
  EXPECT_THAT(metrics.text(), HasSubstr("triage_breaker_state{deployment=\"a\"} 0\n"));
  breaker.with([now](Breaker& seen) {
    seen.began(now);
    seen.failed(now);
  });
  live_state.measure(metrics, now);
  EXPECT_THAT(metrics.text(), HasSubstr("triage_breaker_state{deployment=\"a\"} 2\n"));
  live_state.measure(metrics, now + std::chrono::seconds(60));
  EXPECT_THAT(metrics.text(), HasSubstr("triage_breaker_state{deployment=\"a\"} 1\n"));
}

TEST(LiveState, KeepsWhatItKnowsByName) {
  LiveState live_state;
  EXPECT_EQ(&live_state.breaker("a", {}), &live_state.breaker("a", {}));
  EXPECT_NE(&live_state.breaker("a", {}), &live_state.breaker("b", {}));
  EXPECT_EQ(&live_state.first_byte_times("a"), &live_state.first_byte_times("a"));
  EXPECT_EQ(&live_state.hedge_budget("r", {}), &live_state.hedge_budget("r", {}));
}

TEST(FirstByteTimes, AQuantileOfTheLastOnesOnceThereAreEnough) {
  FirstByteTimes times;
  using std::chrono::microseconds;
  for (int i = 1; i < 20; ++i) times.add(true, microseconds(i));
  EXPECT_FALSE(times.quantile(true, 0.5));
  times.add(true, microseconds(20));
  EXPECT_EQ(times.quantile(true, 0.5), microseconds(11));
  EXPECT_EQ(times.quantile(true, 1), microseconds(20));
  EXPECT_FALSE(times.quantile(false, 0.5)) << "whole answers are kept apart";
  for (int i = 0; i < 256; ++i) times.add(true, microseconds(7));
  EXPECT_EQ(times.quantile(true, 1), microseconds(7)) << "the old ones are forgotten";
}

}  // namespace
}  // namespace triage
