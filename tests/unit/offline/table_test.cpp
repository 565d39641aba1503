#include "offline/table.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace triage::offline {
namespace {

TEST(Table, ColumnsAreAligned) {
  Table table;
  table.row({"", "quality"});
  table.row({"\xC3\xA9t\xC3\xA9", "0.5"});
  EXPECT_EQ(table.text(), "       quality\n  \xC3\xA9t\xC3\xA9      0.5\n");
}

TEST(Table, Figures) {
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(usd(1234.5), "$1,234.50");
  EXPECT_EQ(usd(0.00123), "$0.00123");
  EXPECT_EQ(usd(0), "$0.00");
  EXPECT_EQ(usd(NAN), "-");
  EXPECT_EQ(percent(0.342), "34.2 %");
  EXPECT_EQ(fixed(INFINITY, 2), "-");
  EXPECT_EQ(with_sign(0.05, 2), "+0.05");
  EXPECT_EQ(with_interval({0.5, {0.4, 0.6}}, 2), "0.50 [0.40, 0.60]");
  EXPECT_EQ(with_interval({0.5, {NAN, NAN}}, 2), "0.50");
}

}  // namespace
}  // namespace triage::offline
