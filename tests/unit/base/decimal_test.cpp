#include "base/decimal.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace triage {
namespace {

std::int64_t units(std::string_view text, int places = 9) {
  const auto parsed = parse_decimal(text, places);
  EXPECT_TRUE(parsed && parsed->exact) << text;
  return parsed ? parsed->units : -1;
}

TEST(Decimal, IsExact) {
  EXPECT_EQ(units("0"), 0);
  EXPECT_EQ(units("0.15"), 150'000'000);
  EXPECT_EQ(units("12"), 12'000'000'000);
  EXPECT_EQ(units("0012.500000000000"), 12'500'000'000);
  EXPECT_EQ(units("0.000000001"), 1);
  EXPECT_EQ(units("-3.5"), -3'500'000'000);
  EXPECT_EQ(units("-0"), 0);
  EXPECT_EQ(units("9223372036.854775807"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(units("7", 0), 7);
}

TEST(Decimal, TakesExponents) {
  EXPECT_EQ(units("1.5e-07", 15), 150'000'000);
  EXPECT_EQ(units("0.00000015", 15), 150'000'000);
  EXPECT_EQ(units("1E-15", 15), 1);
  EXPECT_EQ(units("25e+1"), 250'000'000'000);
  EXPECT_EQ(units("0e99999999999"), 0);
  EXPECT_EQ(units("1000e-3"), 1'000'000'000);
}

TEST(Decimal, SaysWhenItRounds) {
  const auto rounds_to = [](std::string_view text, int places, std::int64_t expected) {
    const auto parsed = parse_decimal(text, places);
    ASSERT_TRUE(parsed && !parsed->exact) << text;
    EXPECT_EQ(parsed->units, expected) << text;
  };
  rounds_to("0.0000000014", 9, 1);
  rounds_to("0.0000000015", 9, 2);
  rounds_to("-0.0000000015", 9, -2);
  rounds_to("0.0000000004999", 9, 0);
  rounds_to("0.0000000005", 9, 1);
  rounds_to("0.00000000005", 9, 0);
  rounds_to("1e-9999999", 9, 0);
  rounds_to("3.0001999999999996E-7", 15, 300'020'000);
  rounds_to("2.0000000000000002e-07", 15, 200'000'000);
}

TEST(Decimal, RefusesTheRest) {
  for (const char* text : {"",
                           "-",
                           ".5",
                           "1.",
                           "1..2",
                           "1,5",
                           "0x1",
                           "1e",
                           "1e+",
                           "e5",
                           " 1",
                           "1 ",
                           "+1",
                           "nan",
                           "inf",
                           "9223372036.854775808",
                           "1e10",
                           "99999999999999999999",
                           "1e99999999999",
                           "--1",
                           "1-"})
    EXPECT_FALSE(parse_decimal(text, 9)) << text;
  EXPECT_FALSE(parse_decimal(std::string(5'000, '1'), 9));
  EXPECT_EQ(units("1" + std::string(600, '0') + "e-600"), 1'000'000'000);
}

TEST(Decimal, IsWrittenShortest) {
  EXPECT_EQ(format_decimal(150'000'000, 9), "0.15");
  EXPECT_EQ(format_decimal(12'000'000'000, 9), "12");
  EXPECT_EQ(format_decimal(0, 9), "0");
  EXPECT_EQ(format_decimal(1, 15), "0.000000000000001");
  EXPECT_EQ(format_decimal(-3'500'000'000, 9), "-3.5");
  EXPECT_EQ(format_decimal(10, 0), "10");
  EXPECT_EQ(format_decimal(std::numeric_limits<std::int64_t>::min(), 9), "-9223372036.854775808");
}

}  // namespace
}  // namespace triage
