#include "base/duration.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

TEST(RoundedDuration, IsWhatAPersonWrote) {
  const auto text = [](int ms) { return rounded_duration(std::chrono::milliseconds(ms)); };
  EXPECT_EQ(text(0), "0ms");
  EXPECT_EQ(text(1), "1ms");
  EXPECT_EQ(text(150), "150ms");
  EXPECT_EQ(text(149), "150ms");  // of 150ms a millisecond has passed
  EXPECT_EQ(text(123), "123ms");
  EXPECT_EQ(text(999), "1s");
  EXPECT_EQ(text(1'500), "1.5s");
  EXPECT_EQ(text(2'750), "2.75s");
  EXPECT_EQ(text(3'999), "4s");
  EXPECT_EQ(text(4'000), "4s");
  EXPECT_EQ(text(29'998), "30s");
  EXPECT_EQ(text(59'997), "1m");
  EXPECT_EQ(text(90'000), "90s");
  EXPECT_EQ(text(299'999), "5m");
  EXPECT_EQ(text(3'600'000), "60m");
}

}  // namespace
}  // namespace triage
