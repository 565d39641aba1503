#include "ledger/stored_pair.hpp"

#include <gtest/gtest.h>

namespace triage::ledger {
namespace {

TEST(StoredPair, BothHalves) {
  const auto pair = read_pair(
      R"({"kind":"shadow","cheap":{"deployment":"m","tier":"small","score":0.4,"cost_nano_usd":81000,"answer":"no"},)"
      R"("strong":{"deployment":"f","tier":"large","score":0.9,"cost_nano_usd":2100000},"margin":0.5})");
  ASSERT_TRUE(pair);
  EXPECT_EQ(pair->kind, "shadow");
  EXPECT_EQ(pair->cheap.tier, "small");
  EXPECT_EQ(pair->cheap.answer, "no");
  EXPECT_EQ(pair->cheap.score, 0.4);
  EXPECT_DOUBLE_EQ(*pair->cheap.cost_usd, 0.000081);
  EXPECT_EQ(pair->strong.answer, "");
  EXPECT_EQ(pair->strong.score, 0.9);
}

TEST(StoredPair, WhatOtherVersionsWriteIsNoAccident) {
  for (const char* json :
       {"", "null", "[]", "{", R"({"kind":"shadow"})", R"({"cheap":null,"strong":{}})", R"({"cheap":7,"strong":{}})"})
    EXPECT_FALSE(read_pair(json)) << json;
  EXPECT_FALSE(read_pair(std::nullopt));
  const auto pair = read_pair(R"({"kind":3,"cheap":{"score":1.5,"cost_nano_usd":"x"},"strong":{"score":null}})");
  ASSERT_TRUE(pair);
  EXPECT_FALSE(pair->cheap.score);
  EXPECT_FALSE(pair->cheap.cost_usd);
  EXPECT_FALSE(pair->strong.score);
}

}  // namespace
}  // namespace triage::ledger
