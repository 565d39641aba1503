// What a pattern requires, and against RE2: where it matches, what it requires is there.
#include "text/required_bytes.hpp"

#include "text/folded_text.hpp"

#include <re2/re2.h>

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace triage {
namespace {

// Each set's first character, or the range it is: "[a-z][a-z]-[0-9]". "": nothing is required.
std::string required(std::string_view pattern) {
  const auto found = RequiredBytes::of(pattern);
  std::string out;
  if (!found) return out;
  for (const AsciiSet& set : found->sets()) {
    std::string members;
    for (unsigned c = 0; c < 128; ++c)
      if (set[c]) members += static_cast<char>(c);
    if (members.size() == 1)
      out += members;
    else
      out += {'[', members.front(), '-', members.back(), ']'};
  }
  return out;
}

bool may_match(const RequiredBytes& bytes, const std::string& text) {
  const FoldedText folded(text, 1 << 20);
  return bytes.stand_in(folded.parts().front().folded);
}

TEST(RequiredBytes, AreTheRarestRun) {
  EXPECT_EQ(required(R"(\b[A-Z]{2,5}-\d{4,}\b)"), "[a-z][a-z]-[0-9][0-9][0-9][0-9]");
  EXPECT_EQ(required(R"(\d{3}-\d{2}-\d{4})"), "[0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9][0-9][0-9]");
  EXPECT_EQ(required(R"(^(\d+)(?:px)$)"), "[0-9]px");
  EXPECT_EQ(required(R"((?P<year>20\d\d)/x?\d)"), "20[0-9][0-9]/");
  EXPECT_EQ(required(R"([\w.]+@[\w.]+\.com)"), "[.-z].com") << "two places of one range";
  EXPECT_EQ(required(R"((?i)v\d+\.\d)"), "[0-9].[0-9]");
  EXPECT_EQ(required(R"((?i)ask\d)"), "") << "K and S have other spellings";
  EXPECT_EQ(required(R"(a{0}1{2}(x|y)z?)"), "11");
  EXPECT_EQ(required(R"(\d{20})"), "[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]");
}

TEST(RequiredBytes, AreNotGuessed) {
  for (const char* pattern : {"", "a*", "a|b", "[a-z]{9}", "[^-]-", "(-1)?", R"(\p{Greek}-1)", R"(\x41-1)", "-(?i)1",
                              "(?i:-1)", "[[:digit:]]-1", R"(\Q-1\E)", "-{,1}1", R"(\1-1)", "é-"})
    EXPECT_EQ(required(pattern), "") << pattern;
}

TEST(RequiredBytes, AreFoundAtEveryPlace) {
  const auto bytes = RequiredBytes::of(R"([A-Z]{2}-\d{2})");
  ASSERT_TRUE(bytes);
  for (std::size_t before = 0; before < 80; ++before) {
    for (std::size_t behind = 0; behind < 40; behind += 13) {
      const std::string filler(before, '-');
      EXPECT_TRUE(may_match(*bytes, filler + "AB-12" + std::string(behind, ' '))) << before;
      EXPECT_FALSE(may_match(*bytes, filler + "AB-1x" + std::string(behind, ' '))) << before;
      EXPECT_FALSE(may_match(*bytes, filler + "AB-1")) << before;
    }
  }
  EXPECT_FALSE(may_match(*bytes, ""));
}

class AnyPattern {
 public:
  explicit AnyPattern(std::uint32_t seed) : random_(seed) {}

  std::string pattern() {
    std::string out = pick({"", "", "", "(?i)", "(?s)", "(?im)"});
    out += sequence(0);
    if (random_() % 8 == 0) out += "|" + sequence(0);
    return out;
  }
  std::string text() {
    std::string out;
    for (auto count = random_() % 48; count > 0; --count)
      out += pick({"a", "A", "k", "K", "s", "1", "2", "-", "-", ".", "]", " ", "\n", "é", "\u212a", "\u017f", "\xff"});
    return out;
  }

 private:
  std::string sequence(int depth) {
    std::string out;
    for (auto count = 1 + random_() % 4; count > 0; --count) out += item(depth) + repeat();
    return out;
  }
  std::string item(int depth) {
    if (depth < 3 && random_() % 6 == 0) {
      std::string inner = sequence(depth + 1);
      if (random_() % 3 == 0) inner += "|" + sequence(depth + 1);
      return pick({"(", "(?:", "(?P<n>", "(?i:"}) + inner + ")";
    }
    return pick({"a",     "A",     "k",   "s", "1",     "-",     ".",           "\\.",    "\\d",   "\\w",   "\\s",
                 "\\D",   "\\b",   "^",   "$", "[a-k]", "[A-Z]", "[^a]",        "[\\d-]", "[]a-]", "[^]1]", "[é1]",
                 "[a-é]", "[--.]", "\\-", "é", "]",     "\\pL",  "[[:digit:]]", "\\x2d",  "{",     "1{2}"});
  }
  std::string repeat() {
    return pick({"", "", "", "", "*", "+", "?", "+?", "{2}", "{0}", "{1,}", "{0,2}", "{2,3}?", "{9}", "{,2}"});
  }
  std::string pick(std::initializer_list<const char*> of) { return of.begin()[random_() % of.size()]; }

  std::mt19937 random_;
};

TEST(RequiredBytes, AreThereWhereRe2Matches) {
  AnyPattern any(11);
  int required_any = 0;
  int matched = 0;
  for (int round = 0; round < 8'000; ++round) {
    const std::string pattern = any.pattern();
    const RE2 expression(pattern, RE2::Quiet);
    if (!expression.ok()) continue;
    const auto bytes = RequiredBytes::of(pattern);
    if (!bytes) continue;
    ++required_any;
    for (int i = 0; i < 100; ++i) {
      const std::string text = any.text();
      if (!RE2::PartialMatch(text, expression)) continue;
      ++matched;
      ASSERT_TRUE(may_match(*bytes, text)) << "/" << pattern << "/ in [" << text << "] requires " << required(pattern);
    }
  }
  EXPECT_GT(required_any, 500);
  EXPECT_GT(matched, 2000);
}

}  // namespace
}  // namespace triage
