#include "pipeline/live/signatures.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

KeptTurn turn(std::size_t bytes, std::string_view text = "s") {
  KeptTurn out;
  out.signatures.emplace_back(text);
  out.signatures.front().resize(bytes, 'x');
  return out;
}

const Signatures::Time start{};

TEST(Signatures, FindsWhatItKeepsUntilItIsOld) {
  Signatures kept;
  kept.use(1024 * 1024, minutes(10));
  EXPECT_TRUE(kept.empty());
  EXPECT_FALSE(kept.keep(1, turn(10, "first"), start));
  ASSERT_TRUE(kept.find(1, start + minutes(9)));
  EXPECT_TRUE(kept.find(1, start + minutes(9))->signatures.front().starts_with("first"));
  EXPECT_TRUE(kept.find(1, start + minutes(18)));  // asked for within the time
  EXPECT_FALSE(kept.find(1, start + minutes(30)));
  EXPECT_FALSE(kept.find(2, start));
  EXPECT_TRUE(kept.empty());
}

TEST(Signatures, KeepsTheNewestWithinItsBound) {
  Signatures kept;
  kept.use(16 * 2000, minutes(10));
  EXPECT_FALSE(kept.keep(16, turn(1000), start));
  EXPECT_TRUE(kept.keep(32, turn(1000), start));  // of the same shard
  EXPECT_FALSE(kept.find(16, start));
  EXPECT_TRUE(kept.find(32, start));
  EXPECT_LE(kept.bytes(), 2000U);
  EXPECT_FALSE(kept.keep(32, turn(900), start));  // in place of the other
  EXPECT_TRUE(kept.keep(48, turn(5000), start));  // too large on its own
  EXPECT_FALSE(kept.find(48, start));
  EXPECT_TRUE(kept.find(32, start));
}

TEST(Signatures, ForgettingWhatIsOldIsNoLack) {
  Signatures kept;
  kept.use(16 * 2000, minutes(10));
  EXPECT_FALSE(kept.keep(16, turn(1000), start));
  EXPECT_FALSE(kept.keep(32, turn(1000), start + minutes(11)));
}

TEST(Signatures, TurnsOfOtherKeysNeverMatch) {
  EXPECT_EQ(Signatures::number("a", 7), Signatures::number("a", 7));
  EXPECT_NE(Signatures::number("a", 7), Signatures::number("b", 7));
  EXPECT_NE(Signatures::number("a", 7), Signatures::number("a", 8));
  EXPECT_NE(Signatures::number("", 7), Signatures::number("", 8));
}

}  // namespace
}  // namespace triage
