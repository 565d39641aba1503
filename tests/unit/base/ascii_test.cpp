#include "base/ascii.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

TEST(Ascii, EachByteIsInItsClasses) {
  const std::string_view lower = "abcdefghijklmnopqrstuvwxyz";
  const std::string_view upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const std::string_view digits = "0123456789";
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const auto in = [c](std::string_view all) { return all.find(c) != std::string_view::npos; };
    EXPECT_EQ(is_lower(c), in(lower)) << byte;
    EXPECT_EQ(is_upper(c), in(upper)) << byte;
    EXPECT_EQ(is_letter(c), in(lower) || in(upper)) << byte;
    EXPECT_EQ(is_digit(c), in(digits)) << byte;
    EXPECT_EQ(is_alphanumeric(c), in(lower) || in(upper) || in(digits)) << byte;
    EXPECT_EQ(to_lower(c), in(upper) ? lower[upper.find(c)] : c) << byte;
  }
}

TEST(Ascii, HexDigitsHaveTheirValueInBothCases) {
  const std::string_view lower = "0123456789abcdef";
  const std::string_view upper = "0123456789ABCDEF";
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const std::size_t at = std::min(lower.find(c), upper.find(c));
    EXPECT_EQ(hex_value(c), at == std::string_view::npos ? -1 : static_cast<int>(at)) << byte;
  }
}

TEST(Ascii, OnlyAsciiIsLowered) {
  EXPECT_EQ(to_lower("ÄBC-9 xYz"), "Äbc-9 xyz");
  EXPECT_EQ(to_lower(""), "");
}

}  // namespace
}  // namespace triage
