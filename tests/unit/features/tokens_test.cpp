#include "features/tokens.hpp"

#include <gtest/gtest.h>

#include <string>

namespace triage::features {
namespace {

std::string cut(std::string_view text) {
  const FoldedText folded(text, 8192);
  std::string out;
  for (const Token& token : tokens_of(folded)) {
    if (!out.empty()) out += ' ';
    out += token.is_word() ? 'w' : token.is_number() ? 'n' : 'm';
    out += ':';
    out += token.text;
  }
  return out;
}

TEST(Tokens, AreWordsNumbersAndMarks) {
  EXPECT_EQ(cut("Don't panic, x2!"), "w:don't w:panic m:, w:x2 m:!");
  EXPECT_EQ(cut("1,000.50 and 3.x and 12,34"), "n:1,000.50 w:and n:3 m:. w:x w:and n:12 m:, n:34");
  EXPECT_EQ(cut(""), "");
  EXPECT_EQ(cut("'quoted'"), "m:' w:quoted m:'");
}

TEST(Tokens, OfOtherScripts) {
  EXPECT_EQ(cut("Élan vital"), "w:élan w:vital");
  EXPECT_EQ(cut("3 × 4 ÷ 2"), "n:3 m:× n:4 m:÷ n:2");
  EXPECT_EQ(cut("東京"), "w:東 w:京");
  EXPECT_EQ(cut("привет мир"), "w:привет w:мир");
  EXPECT_EQ(cut("a “b” 😀"), "w:a m:“ w:b m:” m:😀");
}

TEST(Tokens, EndWithTheTextInTheMiddleOfACharacter) {
  EXPECT_EQ(cut("a \xe6\x9d"), "w:a w:\xe6\x9d");
  EXPECT_EQ(cut("b \xf0"), "w:b m:\xf0");
  EXPECT_EQ(cut("c\xc3"), "w:c\xc3");
}

TEST(Tokens, KnowValuesAndPlaces) {
  const FoldedText folded("Two lines:\nThe 2,500.25", 8192);
  const auto tokens = tokens_of(folded);
  ASSERT_EQ(tokens.size(), 5U);
  EXPECT_TRUE(tokens[0].upper && tokens[0].line_start && tokens[0].spaced);
  EXPECT_FALSE(tokens[1].upper || tokens[1].line_start);
  EXPECT_FALSE(tokens[2].spaced);
  EXPECT_TRUE(tokens[3].line_start);
  EXPECT_EQ(tokens[4].value, 2500.25);
  EXPECT_EQ(tokens[4].decimals, 2);
}

TEST(Tokens, OfANumberWithoutEndStayFinite) {
  const std::string digits(5000, '9');
  const FoldedText folded(digits, 8192);
  const auto tokens = tokens_of(folded);
  ASSERT_EQ(tokens.size(), 1U);
  EXPECT_EQ(tokens[0].value, 1e30);
}

TEST(Tokens, OfOneWordAreEqualInAnyCase) {
  const FoldedText folded("Word wORD other", 8192);
  const auto tokens = tokens_of(folded);
  EXPECT_EQ(tokens[0].key(), tokens[1].key());
  EXPECT_NE(tokens[0].key(), tokens[2].key());
}

}  // namespace
}  // namespace triage::features
