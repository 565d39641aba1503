// Words at every place relative to the 64 bytes in which they are looked for.
#include "text/keywords.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace triage {
namespace {

std::multiset<std::uint32_t> found(const KeywordSet& set, const std::string& text) {
  const FoldedText folded(text, 1 << 20);
  std::multiset<std::uint32_t> out;
  for (const FoldedText::Part& part : folded.parts())
    set.find(part, [&out](std::uint32_t index) {
      out.insert(index);
      return true;
    });
  return out;
}

TEST(Keywords, AtEveryPlace) {
  const std::vector<std::string> words{"r",          "c#",           "go",   "sql", "java", "jav",
                                       "javascript", "step by step", "证明", "É",   ".net"};
  const KeywordSet set(words);
  for (std::size_t before = 0; before < 140; ++before) {
    for (std::uint32_t i = 0; i < words.size(); ++i) {
      for (const std::string& filler :
           {std::string(before, ' '), std::string(before, '.'), std::string(before, 'z') + " "}) {
        EXPECT_EQ(found(set, filler + words[i]), std::multiset<std::uint32_t>{i}) << before << words[i];
        EXPECT_EQ(found(set, filler + words[i] + " zz"), std::multiset<std::uint32_t>{i}) << before << words[i];
      }
      const std::string run = std::string(before + 1, 'z') + words[i];
      const bool has_bounds = is_word_byte(words[i].front()) || words[i] == "É";
      EXPECT_EQ(found(set, run).empty(), has_bounds) << run;
    }
  }
}

TEST(Keywords, EveryPlaceOfAWordCountsUntilItIsEnough) {
  const KeywordSet set({"a", "b b", "a"});
  EXPECT_EQ(found(set, "A b b b, a"), (std::multiset<std::uint32_t>{0, 0, 1, 1, 2, 2}));
  const FoldedText text("a a a", 100);
  int calls = 0;
  set.find(text.parts()[0], [&calls](std::uint32_t) { return ++calls < 2; });
  EXPECT_EQ(calls, 2);
  EXPECT_TRUE(found(KeywordSet(), "a").empty());
}

TEST(Keywords, ArabicMarksEndAWord) {
  const KeywordSet set({"لست متأكدا", "لماذا"});
  EXPECT_EQ(found(set, "لست متأكدا، لكن"), std::multiset<std::uint32_t>{0});
  EXPECT_EQ(found(set, "لماذا؟"), std::multiset<std::uint32_t>{1});
  EXPECT_TRUE(found(set, "ولماذا").empty());
}

TEST(Keywords, WhatStandsBehindTheTextIsNoPartOfIt) {
  const KeywordSet set({"prove it"});
  const FoldedText text(std::string_view("prove it").substr(0, 7), 100);
  bool any = false;
  set.find(text.parts()[0], [&any](std::uint32_t) { return any = true; });
  EXPECT_FALSE(any);
}

TEST(FoldedText, CapitalsOfFourScriptsAtEveryPlace) {
  for (std::size_t before = 0; before < 70; ++before) {
    const std::string filler(before, 'Q');
    EXPECT_EQ(fold_case(filler + "AZ@[`{ ÀÞ×ß ΑΩΣ АЯЁ Ā"), std::string(before, 'q') + "az@[`{ àþ×ß αωσ аяё Ā");
  }
  EXPECT_EQ(fold_case("\xc3"), "\xc3");
  EXPECT_EQ(fold_case(""), "");
}

TEST(FoldedText, OfALongTextBothEndsAreTaken) {
  const std::string text = "Begin" + std::string(100, 'x') + "END";
  const FoldedText folded(text, 10);
  ASSERT_EQ(folded.parts().size(), 2u);
  EXPECT_EQ(folded.parts()[0].folded, "begin");
  EXPECT_EQ(folded.parts()[1].folded, "xxend");
  EXPECT_EQ(folded.parts()[1].text, "xxEND");
  EXPECT_EQ(folded.parts()[1].starts.size(), 1u);
  EXPECT_EQ(FoldedText(text, 1000).parts().size(), 1u);
  EXPECT_TRUE(FoldedText(text, 1000).parts()[0].ascii);
  EXPECT_FALSE(FoldedText("é", 1000).parts()[0].ascii);
}

TEST(FoldedText, ThePartUpToAPlaceHasTheSameWords) {
  const std::string text = std::string(60, '.') + "No way no";
  const FoldedText folded(text, 1000);
  const KeywordSet words({"no", "no way"});
  const auto found = [&](const FoldedText::Part& part) {
    std::vector<std::size_t> out;
    words.find(part, [&](std::size_t index) {
      out.push_back(index);
      return true;
    });
    std::ranges::sort(out);
    return out;
  };
  const FoldedText::Part& whole = folded.parts().front();
  EXPECT_EQ(found(whole), (std::vector<std::size_t>{0, 0, 1}));
  EXPECT_EQ(found(whole.first(66)), (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(found(whole.first(65)), (std::vector<std::size_t>{0}));
  EXPECT_EQ(found(whole.first(61)), (std::vector<std::size_t>{}));
  EXPECT_EQ(whole.first(64).starts.size(), 1u);
  EXPECT_EQ(whole.first(0).starts.size(), 0u);
  EXPECT_EQ(found(whole.first(1000)), found(whole));
}

}  // namespace
}  // namespace triage
