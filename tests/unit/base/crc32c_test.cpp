// Vectors of RFC 3720, B.4, and the two implementations against each other.
#include "base/crc32c.hpp"

#include <gtest/gtest.h>

#include <string>

namespace triage {
namespace {

TEST(Crc32c, OfKnownTexts) {
  EXPECT_EQ(crc32c(""), 0U);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43U);
  std::string ascending;
  for (char c = 0; c < 32; ++c) ascending += c;
  EXPECT_EQ(crc32c(ascending), 0x46dd794eU);
}

TEST(Crc32c, InstructionAndTableAgreeOnEveryLengthAndSplit) {
  std::string text;
  for (unsigned i = 0; i < 70; ++i) text += static_cast<char>(i * 37 + 11);
  for (std::size_t length = 0; length <= text.size(); ++length) {
    const std::string_view all(text.data(), length);
    EXPECT_EQ(crc32c(all), crc32c_by_table(all)) << length;
    EXPECT_EQ(crc32c(all.substr(length / 3), crc32c(all.substr(0, length / 3))), crc32c(all)) << length;
  }
}

}  // namespace
}  // namespace triage
