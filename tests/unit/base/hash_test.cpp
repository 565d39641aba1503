#include "base/hash.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

// vectors_sip64 of https://github.com/veorq/SipHash (CC0): key 00 01 .. 0f, texts of the bytes 00 01 .., the hash in
// little-endian order.
TEST(Hash, KeyedIsSipHash) {
  std::string text;
  for (char byte = 0; byte < 16; ++byte) text += byte;
  const auto hash = [&](std::size_t size) {
    return keyed_hash64(std::string_view(text).substr(0, size), 0x0706050403020100, 0x0f0e0d0c0b0a0908);
  };
  EXPECT_EQ(hash(0), 0x726fdb47dd0e0e31U);
  EXPECT_EQ(hash(1), 0x74f839c593dc67fdU);
  EXPECT_EQ(hash(7), 0xab0200f58b01d137U);
  EXPECT_EQ(hash(8), 0x93f5f5799a932462U);
  EXPECT_EQ(hash(15), 0xa129ca6149be45e5U);
}

// Drawn anew, users would lose their arm.
TEST(Hash, StableIsTheSameForever) {
  EXPECT_EQ(stable_hash64(""), 0x2d06800538d394c2U);  // XXH3_64bits of nothing, from its specification
  EXPECT_EQ(stable_hash64("user-1"), stable_hash64("user-1", 0));
  EXPECT_NE(stable_hash64("user-1", 1), stable_hash64("user-1", 2));
}

}  // namespace
}  // namespace triage
