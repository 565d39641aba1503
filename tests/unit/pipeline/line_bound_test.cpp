#include "pipeline/live/line_bound.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

using Time = std::chrono::steady_clock::time_point;

TEST(LineBound, SoManyInEachSecond) {
  LineBound bound;
  const Time now = Time(std::chrono::seconds(7));
  EXPECT_TRUE(bound.take(2, now));
  EXPECT_TRUE(bound.take(2, now));
  EXPECT_FALSE(bound.take(2, now + std::chrono::milliseconds(999)));
  EXPECT_TRUE(bound.take(3, now)) << "a larger bound holds at once";
  EXPECT_TRUE(bound.take(2, now + std::chrono::seconds(1)));
  EXPECT_TRUE(bound.take(2, now + std::chrono::seconds(1)));
  EXPECT_FALSE(bound.take(2, now + std::chrono::seconds(1)));
}

TEST(LineBound, NoneAtAll) {
  LineBound bound;
  EXPECT_FALSE(bound.take(0, Time()));
  EXPECT_FALSE(bound.take(0, Time(std::chrono::seconds(1))));
}

}  // namespace
}  // namespace triage
