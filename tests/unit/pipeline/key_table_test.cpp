#include "pipeline/live/key_table.hpp"
#include "base/sha256.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

std::vector<KeySpec> keys_of(int count) {
  std::vector<KeySpec> keys(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    keys[static_cast<std::size_t>(i)].name = "key" + std::to_string(i);
    keys[static_cast<std::size_t>(i)].sha256 = sha256("token " + std::to_string(i));
  }
  return keys;
}

TEST(KeyTableTest, FindsEachOfManyKeysAndNoOther) {
  const auto keys = keys_of(1000);
  const KeyTable table(keys);
  for (const KeySpec& key : keys) EXPECT_EQ(table.find(key.sha256), &key);
  EXPECT_EQ(table.find(sha256("token 1000")), nullptr);
}

TEST(KeyTableTest, TwoDigestsThatBeginAlikeAreTwoKeys) {
  auto keys = keys_of(2);
  keys[1].sha256 = keys[0].sha256;
  keys[1].sha256.back() ^= 1;
  const KeyTable table(keys);
  EXPECT_EQ(table.find(keys[0].sha256), &keys[0]);
  EXPECT_EQ(table.find(keys[1].sha256), &keys[1]);
  auto third = keys[0].sha256;
  third.back() ^= 2;
  EXPECT_EQ(table.find(third), nullptr);
}

TEST(KeyTableTest, AnEmptyTableKnowsNoKey) {
  EXPECT_EQ(KeyTable().find(sha256("token")), nullptr);
}

}  // namespace
}  // namespace triage
