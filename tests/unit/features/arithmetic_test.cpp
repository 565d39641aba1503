#include "features/arithmetic.hpp"

#include <gtest/gtest.h>

#include <string>

namespace triage::features {
namespace {

Arithmetic read(std::string_view text) {
  const FoldedText folded(text, 16384);
  return read_arithmetic(tokens_of(folded));
}

struct Case {
  const char* text;
  std::size_t statements;
  std::size_t wrong;
};

class Statements : public testing::TestWithParam<Case> {};

TEST_P(Statements, AreFoundAndChecked) {
  const Arithmetic found = read(GetParam().text);
  EXPECT_EQ(found.statements, GetParam().statements) << GetParam().text;
  EXPECT_EQ(found.wrong, GetParam().wrong) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Arithmetic, Statements,
    testing::Values(Case{"5 * 12 = 60", 1, 0}, Case{"5 * 12 = 62", 1, 1}, Case{"So 3 + 4 - 2 = 5 apples.", 1, 0},
                    Case{"16 - 3 - 4 = <<16-3-4=9>>9", 1, 0}, Case{"8 x $5 = $<<8*5=41>>41", 1, 1},
                    Case{"3 hours * 60 miles/hour = 180 miles", 1, 0}, Case{"(2 + 3) * 4 = 20", 1, 0},
                    Case{"2 + 3 * 4 = 14", 1, 0}, Case{"2 + 3 * 4 = 20", 1, 1}, Case{"50% * 80 = 40", 1, 0},
                    Case{"20 / 80 = 25%", 1, 0}, Case{"1 / 3 = 0.33", 1, 0}, Case{"7 × 8 = 56", 1, 0},
                    Case{"9 ÷ 3 = 3", 1, 0}, Case{"$25 \\times 4 = 100$", 1, 0}, Case{"x = 5", 0, 0},
                    Case{"5 / 0 = 7", 0, 0}, Case{"= 7", 0, 0}, Case{"3 + = 7", 0, 0}, Case{"(3 + 4 = 7", 1, 0},
                    Case{"3 + 4 = 2 + 5 = 7", 1, 0}, Case{"1,200 + 300 = 1,500", 1, 0}, Case{"a == b", 0, 0},
                    Case{"", 0, 0}));

TEST(Arithmetic, KeepsResultsInOrder) {
  const Arithmetic found = read("2 * 3 = 6. Then x = 7. And 6 / 4 = 1.5");
  EXPECT_EQ(found.results, (std::vector<double>{6, 7, 1.5}));
  EXPECT_EQ(found.scaled, 2U);
  EXPECT_EQ(found.fractional, 1U);
}

TEST(Arithmetic, IsBounded) {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += "1+1=2 ";
  EXPECT_EQ(read(text).statements, 256U);
  std::string brackets(4000, '(');
  brackets += "1 + 1" + std::string(4000, ')') + " = 2";
  EXPECT_EQ(read(brackets).statements, 0U);
  std::string chain = "1";
  for (int i = 0; i < 2000; ++i) chain += "+1";
  EXPECT_LE(read(chain + "=2001").statements, 1U);
}

TEST(SameNumber, ForgivesRounding) {
  EXPECT_TRUE(same_number(1.0 / 3, 0.33));
  EXPECT_TRUE(same_number(1000, 1009));
  EXPECT_FALSE(same_number(18, 19));
  EXPECT_FALSE(same_number(5, -5));
}

}  // namespace
}  // namespace triage::features
