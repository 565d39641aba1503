#include "tokenize/regex.hpp"
#include "tokenize/trie.hpp"
#include "tokenize/unicode.hpp"

#include <gtest/gtest.h>

namespace triage::tokenize {
namespace {

TEST(Trie, FindsPrefixes) {
  const Trie trie({{"a", 1}, {"abc", 2}, {"b\xff", 3}, {"", 4}, {"a", 5}});
  EXPECT_EQ(trie.size(), 4u);
  EXPECT_EQ(trie.values(), 6u);
  EXPECT_EQ(trie.find("a"), 5u);
  EXPECT_EQ(trie.find("ab"), Trie::none);
  EXPECT_EQ(trie.find("b\xff"), 3u);
  EXPECT_EQ(trie.find(""), 4u);
  EXPECT_EQ(trie.longest("abd").length, 1u);
  EXPECT_EQ(trie.longest("abcd").value, 2u);
  EXPECT_EQ(trie.longest("x").value, Trie::none);
  EXPECT_EQ(trie.longest("bc", trie.descend(Trie::root, "a")).value, 2u);
  std::vector<std::size_t> lengths;
  trie.each_prefix("abcabc", [&](std::size_t length, std::uint32_t) { lengths.push_back(length); });
  EXPECT_EQ(lengths, (std::vector<std::size_t>{1, 3}));
  EXPECT_EQ(Trie().find("a"), Trie::none);
}

TEST(Trie, HoldsEveryByte) {
  std::vector<std::pair<std::string, std::uint32_t>> entries;
  for (int byte = 0; byte < 256; ++byte) entries.emplace_back(std::string(1, static_cast<char>(byte)), byte);
  const Trie trie(entries);
  for (const auto& [text, value] : entries) EXPECT_EQ(trie.find(text), value);
}

std::string translated(std::string_view pattern) {
  const auto made = to_pcre2(pattern);
  return made ? *made : "refused: " + made.error().message;
}

TEST(ToPcre2, KeepsWhatMeansTheSame) {
  for (const std::string_view same :
       {"'s|'t", " ?\\p{L}+", "(?i:'ll)", "(?>a+)b", "[^\\r\\n\\p{L}\\p{N}]?+", "\\p{N}{1,3}", "a{2}", "a{2,}?",
        "\\x{3040}-", "(?<=a)(?<!b)(?!c)(?=d)", "[a-z0-9_\\-\\]]", "\\.\\*", "(?i)abc", "\\A\\z"}) {
    EXPECT_EQ(translated(same), same);
  }
}

TEST(ToPcre2, TranslatesWhatDiffers) {
  EXPECT_EQ(translated("\\s+(?!\\S)"), "\\p{White_Space}+(?!\\P{White_Space})");
  EXPECT_EQ(translated("[^\\s\\d]"), "[^\\p{White_Space}\\p{Nd}]");
  EXPECT_EQ(translated("\\p{^L}\\P{Han}\\p{Alphabetic}"), "\\P{L}\\P{sc:Han}\\p{Alphabetic}");
  EXPECT_EQ(translated("\\u4e00\\v"), "\\x{4e00}\\x0B");
  EXPECT_EQ(translated("a{,3}"), "a{0,3}");
  EXPECT_EQ(translated("{a}"), "\\{a}");
}

TEST(ToPcre2, RefusesWhatMeansSomethingElse) {
  for (const std::string_view other :
       {"\\h",    "\\R",    "\\X",     "\\K",   "\\b",    "\\1",     "\\k<a>",  "[[:alpha:]]", "[a&&b]",
        "[]a]",   "(?m:a)", "(?<n>a)", "(?#a)", "a(?i)b", "a{2}?",   "a{1,2}+", "(*FAIL)",     "[\\W]",
        "\\p{Q}", "\\p{L",  "\\",      "\\u12", "\\xff",  "\\x{zz}", "(?"}) {
    EXPECT_TRUE(translated(other).starts_with("refused: ") && translated(other).ends_with(" is not supported"))
        << other << " -> " << translated(other);
  }
}

std::vector<std::string> matches(std::string_view pattern, std::string_view text) {
  std::vector<std::string> out;
  EXPECT_EQ(Regex::compile(pattern)->each_match(
                text, [&](std::size_t begin, std::size_t end) { out.emplace_back(text.substr(begin, end - begin)); }),
            nullptr);
  return out;
}

TEST(Regex, FindsMatchesAsTheReferenceDoes) {
  using Texts = std::vector<std::string>;
  EXPECT_EQ(matches("\\w+", "añ² b"), (Texts{"añ²", "b"}));
  EXPECT_EQ(matches("x*", "axxb"), (Texts{"", "xx", ""}));  // not the empty match right behind xx
  EXPECT_EQ(matches("^a$", "a\na"), (Texts{"a", "a"}));     // Ruby's anchors are those of lines
  EXPECT_EQ(matches(".", "é\n😀"), (Texts{"é", "😀"}));
  EXPECT_EQ(matches("a", ""), Texts{});
  EXPECT_FALSE(Regex::compile("\\p{NoSuchScript}"));
}

TEST(Unicode, IsThatOfTheReference) {
  const auto lower = [](char32_t point) {
    std::string out;
    append_lower(out, point);
    return out;
  };
  EXPECT_EQ(lower(U'Ä'), "ä");
  EXPECT_EQ(lower(0x130), "i\u0307");
  EXPECT_EQ(lower(0x10d50), "\U00010d70");  // of Unicode 16
  EXPECT_TRUE(is_punctuation(U'$') && is_punctuation(U'—') && !is_punctuation(U'€'));
  EXPECT_FALSE(is_punctuation(0x2e5d));  // of Unicode 14: too late
  EXPECT_TRUE(is_number(U'Ⅷ') && is_number(U'½') && !is_number(U'x'));
  EXPECT_TRUE(is_not_text(0) && is_not_text(0xad) && is_not_text(0xfffd) && !is_not_text('\n'));
  EXPECT_TRUE(is_white_space(0x85) && is_white_space(0x3000) && !is_white_space(0x200b) && !is_white_space(0x180e));
}

TEST(Unicode, Normalizes) {
  const auto form = [](std::string text, NormalForm wanted) {
    normalize(text, wanted);
    return text;
  };
  EXPECT_EQ(form("e\u0323\u0301", NormalForm::nfc), "ẹ\u0301");
  EXPECT_EQ(form("a\u0301\u0323", NormalForm::nfd), "a\u0323\u0301");
  EXPECT_EQ(form("한", NormalForm::nfd), "\u1112\u1161\u11ab");
  EXPECT_EQ(form("\u1112\u1161\u11ab", NormalForm::nfc), "한");
  EXPECT_EQ(form("ﬁ①", NormalForm::nfkc), "fi1");
  EXPECT_EQ(form("ﷺ", NormalForm::nfkd).size(), 33u);  // the longest decomposition: 18 characters
  EXPECT_EQ(form("㋿\U00011935\U00011930", NormalForm::nfkc), "㋿\U00011935\U00011930");  // later than Unicode 9
}

TEST(Unicode, FindsGraphemes) {
  EXPECT_EQ(grapheme_end("e\u0301x", 0), 3u);
  EXPECT_EQ(grapheme_end("\r\n", 0), 2u);
  EXPECT_EQ(grapheme_end("ab", 1), 2u);
}

}  // namespace
}  // namespace triage::tokenize
