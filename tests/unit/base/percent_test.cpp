#include "base/percent.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

TEST(Percent, EscapesAreDecodedInBothCases) {
  EXPECT_EQ(percent_decoded("org%2Flarge%2f%C3%A9"), "org/large/\xc3\xa9");
  EXPECT_EQ(percent_decoded(std::string("a%00b")), std::string("a\0b", 3));
  EXPECT_EQ(percent_decoded("%2525"), "%25") << "once";
}

TEST(Percent, WhatIsNoEscapeStays) {
  for (const std::string_view text : {"", "%", "%2", "100%", "%G1", "%1G", "% 1", "%-1", "a+b"})
    EXPECT_EQ(percent_decoded(text), text);
}

}  // namespace
}  // namespace triage
