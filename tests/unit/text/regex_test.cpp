// RegexSet against RE2 itself, one pattern at a time.
#include "text/regex.hpp"

#include <re2/re2.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace triage {
namespace {

std::vector<int> matches(const RegexSet& set, const std::string& text) {
  const std::string padded = text + std::string(16, '\0');
  const FoldedText folded(std::string_view(padded).substr(0, text.size()), 1024);
  std::vector<int> out;
  set.match(folded.parts()[0], out);
  std::sort(out.begin(), out.end());
  return out;
}

void expect_as_re2(const std::vector<std::string>& patterns, const std::vector<std::string>& texts) {
  const RegexSet set(patterns);
  for (const std::string& text : texts) {
    std::vector<int> expected;
    for (std::size_t i = 0; i < patterns.size(); ++i)
      if (RE2::PartialMatch(text, RE2(patterns[i], RE2::Quiet))) expected.push_back(static_cast<int>(i));
    EXPECT_EQ(matches(set, text), expected) << "[" << text << "]";
  }
}

TEST(RegexSet, FindsWhatRe2Finds) {
  expect_as_re2({"(?i)step by step", "\\b[A-Z]{2,5}-\\d{4,}\\b", "(?i)(write|draft) an? (essay|report)",
                 "\\$\\d+(\\.\\d+)? (million|billion)", "^go$", "x*", "Kelvin", "(?i)k\\d", "É", "(?i)école",
                 "проверь|ПРОВЕРЬ", "\\p{Greek}+", "a.c", "[^ -~]", "\\x{1F600}"},
                {"",
                 "go",
                 "go STEP By step",
                 "ticket AB-1234.",
                 "ticket AB-123",
                 "Please DRAFT a\nreport",
                 "draft an essay",
                 "about $2.6 million",
                 "$ 2 million",
                 "\u212a7",
                 "K7",
                 "k7",
                 "\u212aelvin",
                 "ÉCOLE",
                 "une école",
                 "Проверь",
                 "ПРОВЕРЬ это",
                 "λόγος",
                 "abc a\xc3\xa9"
                 "c",
                 "😀",
                 std::string("a\0c", 3),
                 "\xff\xfe"});
}

TEST(RegexSet, LettersThatFoldFromBeyondAsciiHideNothing) {
  expect_as_re2(
      {"(?i)kelvin", "(?i)stop", "(?i)ask", "(?i)\u017ftop", "Āb", "(?i)ЂA"},
      {"\u212aELVIN", "Kelvin", "\u017ftop", "STOP", "a\u017f\u212a", "ASK", "é ask", "é stop", "Āb", "āb", "ђa"});
}

TEST(RegexSet, OfPatternsAtRandom) {
  const char* const pieces[] = {"a", "b",  "(?i:k)", "\\d",    "-",    " ",   "(ab|cd)", "[xyz]",
                                "é", "É?", "x*",     "(foo)?", "bar+", "\\b", "."};
  const char* const bits[] = {"a", "b", "K", "k",   "7",    "-",  " ",      "ab", "CD",
                              "x", "é", "É", "foo", "barr", "\n", "\u212a", "."};
  std::mt19937 random(7);
  const auto join = [&random](const auto& from, int most) {
    std::string out;
    for (int left = 1 + static_cast<int>(random() % static_cast<unsigned>(most)); left > 0; --left)
      out += from[random() % std::size(from)];
    return out;
  };
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> patterns;
    for (int i = 0; i < 4; ++i) patterns.push_back(join(pieces, 6));
    std::vector<std::string> texts;
    for (int i = 0; i < 8; ++i) texts.push_back(join(bits, 40));
    expect_as_re2(patterns, texts);
    if (HasFailure()) FAIL() << ::testing::PrintToString(patterns);
  }
}

TEST(RegexSet, ManyLiteralsAndBadPatterns) {
  std::vector<std::string> patterns{"(", "good"};
  for (int i = 0; i < 50; ++i) patterns.push_back("word" + std::to_string(i) + "x");
  const RegexSet set(patterns);
  EXPECT_EQ(matches(set, "a good word7x"), (std::vector<int>{1, 9}));
  EXPECT_EQ(matches(set, "("), std::vector<int>{});
  EXPECT_EQ(matches(RegexSet({}), "x"), std::vector<int>{});
  EXPECT_EQ(matches(RegexSet({"("}), "("), std::vector<int>{});
}

TEST(Regex, LastPlace) {
  const Regex number("n=([0-9]*)");
  ASSERT_TRUE(number.usable());
  EXPECT_EQ(number.groups(), 1);
  const std::string text = "n=1, n=22; n=";
  const auto place = number.last_in(text);
  ASSERT_TRUE(place);
  EXPECT_EQ(place->begin, 11U);
  EXPECT_EQ(place->end, 13U);
  EXPECT_EQ(place->group, "");
  EXPECT_EQ(number.last_in("n=1, n=22;")->group, "22");
  EXPECT_EQ(Regex("b+").last_in("abba")->group, "bb");
  EXPECT_FALSE(number.last_in("x"));
  EXPECT_TRUE(Regex("").last_in(""));
  EXPECT_EQ(Regex("x*").last_in("axx")->begin, 3U);  // the empty one at the end
  EXPECT_TRUE(number.found_in("an=b"));
}

TEST(Regex, WhatCannotBeUsedIsNeverFound) {
  const Regex broken("(");
  EXPECT_FALSE(broken.usable());
  EXPECT_FALSE(broken.found_in("("));
  EXPECT_FALSE(broken.last_in("("));
}

}  // namespace
}  // namespace triage
