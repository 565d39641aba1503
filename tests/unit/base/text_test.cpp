#include "base/text.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace triage {
namespace {

template <class T>
std::string number(T value) {
  std::string out = "n=";
  append_number(out, value);
  return out.substr(2);
}

TEST(AppendNumber, WholeNumbersOfAnyWidth) {
  EXPECT_EQ(number(0), "0");
  EXPECT_EQ(number(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(number(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(number(std::uint8_t{200}), "200");
}

TEST(AppendNumber, FloatsAreTheShortestThatReadBackTheSame) {
  EXPECT_EQ(number(0.1), "0.1");
  EXPECT_EQ(number(0.1F), "0.1");
  EXPECT_EQ(number(-2.0), "-2");
  EXPECT_EQ(number(std::numeric_limits<double>::lowest()), "-1.7976931348623157e+308");
}

}  // namespace
}  // namespace triage
