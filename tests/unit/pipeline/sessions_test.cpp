#include "pipeline/live/sessions.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

using std::chrono::seconds;

const Sessions::Time start = Sessions::Time() + seconds(1000);

TEST(Sessions, AreRememberedUntilTheCacheIsCold) {
  Sessions sessions;
  const auto number = sessions.number("key", "route", "s1");
  EXPECT_FALSE(sessions.find(number, start));
  EXPECT_FALSE(sessions.remember(number, "large", "d", start, start + seconds(5)));
  ASSERT_TRUE(sessions.find(number, start + seconds(4)));
  EXPECT_EQ(sessions.find(number, start + seconds(4))->tier, "large");
  EXPECT_FALSE(sessions.find(number, start + seconds(5)));
}

TEST(Sessions, TheLatestAnswerCounts) {
  Sessions sessions;
  sessions.remember(1, "small", "a", start, start + seconds(5));
  sessions.remember(1, "large", "b", start, start + seconds(9));
  EXPECT_EQ(sessions.find(1, start + seconds(8))->deployment, "b");
}

TEST(Sessions, BelongToTheirKeyAndRoute) {
  const Sessions sessions;
  EXPECT_NE(sessions.number("a", "route", "s"), sessions.number("b", "route", "s"));
  EXPECT_NE(sessions.number("a", "route", "s"), sessions.number("a", "other", "s"));
  EXPECT_EQ(sessions.number("a", "route", "s"), sessions.number("a", "route", "s"));
}

TEST(Sessions, AreBoundedAndForgetTheOldest) {
  Sessions sessions;
  sessions.set_most(16);  // one in each of the sixteen shards
  EXPECT_FALSE(sessions.remember(0, "small", "a", start, start + seconds(5)));
  EXPECT_TRUE(sessions.remember(16, "small", "b", start, start + seconds(5))) << "number 0 was still warm";
  EXPECT_FALSE(sessions.find(0, start));
  EXPECT_TRUE(sessions.find(16, start));
  EXPECT_FALSE(sessions.remember(32, "small", "b", start + seconds(6), start + seconds(9))) << "number 16 was cold";
}

}  // namespace
}  // namespace triage
