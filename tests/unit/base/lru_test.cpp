#include "base/lru.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace triage {
namespace {

TEST(Lru, TheOneUsedLongestAgoIsDropped) {
  Lru<int, std::string> lru;
  EXPECT_TRUE(lru.put(1, "one"));
  lru.put(2, "two");
  lru.put(3, "three");
  ASSERT_NE(lru.use(1), nullptr);
  ASSERT_NE(lru.find(2), nullptr);  // to look is not to use
  EXPECT_EQ(lru.drop_oldest(), "two");
  EXPECT_FALSE(lru.put(3, "drei"));
  EXPECT_EQ(lru.size(), 2U);
  EXPECT_EQ(lru.drop_oldest(), "one");
  EXPECT_EQ(*lru.find(3), "drei");
  EXPECT_EQ(lru.drop_oldest(), "drei");
  EXPECT_EQ(lru.drop_oldest(), std::nullopt);
}

TEST(Lru, WhatIsErasedOrUnknownIsNotFound) {
  Lru<std::string, int> lru;
  EXPECT_EQ(lru.find("a"), nullptr);
  EXPECT_EQ(lru.use("a"), nullptr);
  lru.put("a", 1);
  lru.put("b", 2);
  lru.erase("a");
  lru.erase("a");
  EXPECT_EQ(lru.find("a"), nullptr);
  EXPECT_EQ(lru.size(), 1U);
  EXPECT_EQ(lru.drop_oldest(), 2);
}

TEST(Lru, ValuesStayWhereTheyAre) {
  Lru<int, std::unique_ptr<int>> lru;
  lru.put(1, std::make_unique<int>(10));
  const auto* const first = lru.find(1);
  for (int i = 2; i < 1'000; ++i) lru.put(i, nullptr);
  EXPECT_EQ(lru.use(1), first);
  EXPECT_EQ(**first, 10);
}

}  // namespace
}  // namespace triage
