#include "pipeline/live/sessions.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

using std::chrono::seconds;

const Sessions::Time start = Sessions::Time() + seconds(1000);

TEST(Sessions, AreRememberedUntilTheCacheIsCold) {
  Sessions sessions;
  const auto number = sessions.number("key", "route", "s1");
  EXPECT_FALSE(sessions.find(number, 1, start));
  EXPECT_FALSE(sessions.remember(number, {"large", "d", 1}, start, start + seconds(5)));
  ASSERT_TRUE(sessions.find(number, 1, start + seconds(4)));
  EXPECT_EQ(sessions.find(number, 1, start + seconds(4))->tier, "large");
  EXPECT_FALSE(sessions.find(number, 1, start + seconds(5)));
}

TEST(Sessions, TheLatestAnswerCounts) {
  Sessions sessions;
  sessions.remember(1, {"small", "a", 1}, start, start + seconds(5));
  sessions.remember(1, {"large", "b", 1}, start, start + seconds(9));
  EXPECT_EQ(sessions.find(1, 1, start + seconds(8))->deployment, "b");
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
  EXPECT_FALSE(sessions.remember(0, {"small", "a", 1}, start, start + seconds(5)));
  EXPECT_TRUE(sessions.remember(16, {"small", "b", 1}, start, start + seconds(5))) << "number 0 was still warm";
  EXPECT_FALSE(sessions.find(0, 1, start));
  EXPECT_TRUE(sessions.find(16, 1, start));
  EXPECT_FALSE(sessions.remember(32, {"small", "b", 1}, start + seconds(6), start + seconds(9)))
      << "number 16 was cold";
}

TEST(Sessions, ALatchedOneIsKeptForTheRestOfItsTask) {
  Sessions sessions;
  sessions.remember(1, {"large", "a", 3, true}, start, start + seconds(5));
  ASSERT_TRUE(sessions.find(1, 3, start + seconds(100'000)));
  EXPECT_TRUE(sessions.find(1, 3, start + seconds(100'000))->latched);
  EXPECT_TRUE(sessions.find(1, 4, start + seconds(4))) << "another task, but its cache is warm";
  EXPECT_FALSE(sessions.find(1, 4, start + seconds(5)));
  EXPECT_FALSE(sessions.find(1, 3, start + seconds(5))) << "it was forgotten";
}

}  // namespace
}  // namespace triage
