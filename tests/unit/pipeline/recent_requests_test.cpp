// The newest requests are found by both ids, each by its own key only.
#include "pipeline/live/recent_requests.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

using Time = RecentRequests::Time;
using std::chrono::seconds;

RecentRequests::Request request(std::string_view id, std::string_view completion_id, std::string_view key = "a") {
  return {id, completion_id, key, "chat", 1, nullptr};
}

TEST(RecentRequests, AreFoundByBothIds) {
  RecentRequests recent;
  const ExperimentRecord experiment{"e", "v2", "treatment", "5e88", 0.25};
  RecentRequests::Request one = request("req_1", "chatcmpl-1");
  one.experiment = &experiment;
  EXPECT_FALSE(recent.remember(one, Time()));
  recent.remember(request("req_2", ""), Time());
  for (const char* id : {"req_1", "chatcmpl-1"}) {
    const auto found = recent.find(id, std::nullopt);
    ASSERT_TRUE(found) << id;
    EXPECT_EQ(found->id, "req_1");
    EXPECT_EQ(found->route, "chat");
    EXPECT_EQ(found->experiment->arm, "treatment");
    EXPECT_EQ(found->experiment->share, 0.25);
  }
  EXPECT_FALSE(recent.find("req_2", std::nullopt)->experiment);
  EXPECT_FALSE(recent.find("req_3", std::nullopt));
  EXPECT_FALSE(recent.find("", std::nullopt)) << "as the completion id of the second";
}

TEST(RecentRequests, OnlyOfTheKey) {
  RecentRequests recent;
  recent.remember(request("req_1", "c", "a"), Time());
  recent.remember(request("req_2", "c", "b"), Time() + seconds(1));
  EXPECT_EQ(recent.find("c", "a")->id, "req_1");
  EXPECT_EQ(recent.find("c", "b")->id, "req_2");
  EXPECT_EQ(recent.find("c", std::nullopt)->id, "req_2") << "the newest";
  EXPECT_FALSE(recent.find("req_1", "b"));
  EXPECT_FALSE(recent.find("req_1", ""));
}

TEST(RecentRequests, TheOldestMakesPlace) {
  RecentRequests recent;
  recent.set_most(64);
  bool any = false;
  const auto id = [](int i) { return "req_" + std::to_string(i); };
  for (int i = 0; i < 10'000; ++i) any = recent.remember(request(id(i), ""), Time() + seconds(1)) || any;
  EXPECT_TRUE(any) << "forgotten within a second";
  EXPECT_FALSE(recent.find(id(0), std::nullopt));
  EXPECT_TRUE(recent.find(id(9'999), std::nullopt));
  int found = 0;
  for (int i = 0; i < 10'000; ++i) found += recent.find(id(i), std::nullopt).has_value();
  EXPECT_EQ(found, 64);
  recent.set_most(16);
  for (int i = 10'000; i < 11'000; ++i) {
    const bool forgotten = recent.remember(request(id(i), ""), Time() + seconds(1000 * i));
    EXPECT_FALSE(forgotten) << "what makes place is old";
  }
  found = 0;
  for (int i = 0; i < 11'000; ++i) found += recent.find(id(i), std::nullopt).has_value();
  EXPECT_EQ(found, 16);
}

}  // namespace
}  // namespace triage
