#include "config/yaml.hpp"

#include <gtest/gtest.h>
#include <chrono>

namespace triage::config {
namespace {

struct Parsed {
  Report report;
  NodePtr root;

  explicit Parsed(std::string_view text) { root = parse_yaml(text, report.add_file("f"), report); }
  std::string messages() {
    std::string out;
    for (const Diagnostic& diagnostic : report.take()) out += to_string(diagnostic) + "\n";
    return out;
  }
};

const Node& at(const Node& map, std::string_view key) {
  for (const Member& member : map.members)
    if (member.key == key) return *member.value;
  static const Node none;
  return none;
}

TEST(Yaml, KnowsWhereEverythingStands) {
  Parsed parsed("a: 1\nb:\n  - x\n  - {c: \"d\"}\n");
  ASSERT_TRUE(parsed.root);
  EXPECT_EQ(parsed.messages(), "");
  const Node& b = at(*parsed.root, "b");
  ASSERT_EQ(b.items.size(), 2u);
  EXPECT_EQ(b.items[0]->place, (Place{0, 3, 5}));
  EXPECT_EQ(at(*b.items[1], "c").place, (Place{0, 4, 9}));
  EXPECT_EQ(b.items[1]->members[0].place, (Place{0, 4, 6}));
  EXPECT_EQ(parsed.root->members[1].place, (Place{0, 2, 1}));
}

TEST(Yaml, MergesWhatTheMapDoesNotHave) {
  Parsed parsed("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: {y: 4, <<: [*a, {z: 5, x: 6}]}\nd: {\"<<\": 7}\n");
  EXPECT_EQ(parsed.messages(), "");
  ASSERT_TRUE(parsed.root);
  EXPECT_EQ(at(at(*parsed.root, "b"), "x").text, "1");
  EXPECT_EQ(at(at(*parsed.root, "b"), "y").text, "3");
  EXPECT_EQ(at(at(*parsed.root, "c"), "y").text, "4");
  EXPECT_EQ(at(at(*parsed.root, "c"), "x").text, "1") << "the first base wins";
  EXPECT_EQ(at(at(*parsed.root, "c"), "z").text, "5");
  EXPECT_EQ(at(at(*parsed.root, "d"), "<<").text, "7") << "in quotes it is a key like any other";
}

TEST(Yaml, ABadKeyDropsItsValueOnly) {
  Parsed parsed("{a: 1, [x]: {y: z}, a: {b: c}, d: 2}\n");
  ASSERT_TRUE(parsed.root);
  EXPECT_EQ(parsed.messages(),
            "f:1:8: error: a key must be a text, not a list\n  put it in quotes\n"
            "f:1:21: error: key 'a' is set twice\n  the first one is at f:1:2: keep one\n");
  EXPECT_EQ(parsed.root->members.size(), 2u);
  EXPECT_EQ(at(*parsed.root, "a").text, "1");
  EXPECT_EQ(at(*parsed.root, "d").text, "2");
}

TEST(Yaml, AliasesAreSharedAndCounted) {
  Parsed parsed("a: &a [1, 2, 3]\nb: [*a, *a]\n");
  ASSERT_TRUE(parsed.root);
  const Node& b = at(*parsed.root, "b");
  EXPECT_EQ(b.items[0], b.items[1]);
  EXPECT_EQ(b.nodes, 9u);
  EXPECT_EQ(b.depth, 3u);
}

TEST(Yaml, AnAliasBombCostsNothing) {
  std::string text = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 40; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 9; ++k) text += before + ",";
    text += "]\n";
  }
  const auto start = std::chrono::steady_clock::now();
  Parsed parsed(text);
  EXPECT_FALSE(parsed.root);
  EXPECT_NE(parsed.messages().find("more than 100000 values"), std::string::npos);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
}

TEST(Yaml, DepthIsBoundedAlsoThroughAliases) {
  const auto nested = [](int levels) { return std::string(levels, '[') + std::string(levels, ']'); };
  EXPECT_TRUE(Parsed(nested(64)).root);
  EXPECT_FALSE(Parsed(nested(65)).root);
  EXPECT_FALSE(Parsed(nested(100'000)).root);
  EXPECT_TRUE(Parsed("a: &a " + nested(40) + "\nb: " + std::string(23, '[') + "*a" + std::string(23, ']')).root);
  EXPECT_FALSE(Parsed("a: &a " + nested(40) + "\nb: " + std::string(24, '[') + "*a" + std::string(24, ']')).root);
}

TEST(Yaml, TakesOnlyCleanUtf8) {
  for (const std::string_view bad :
       {"\xff", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8", "\xc3"}) {
    Parsed parsed("a: " + std::string(bad));
    EXPECT_FALSE(parsed.root);
    EXPECT_EQ(parsed.messages(), "f:1:4: error: not UTF-8\n  save the file as UTF-8\n");
  }
  EXPECT_FALSE(Parsed(std::string_view("a: \0b", 5)).root);
  EXPECT_FALSE(Parsed("a: \x04").root);
  EXPECT_FALSE(Parsed("\xfe\xff\0a").root);
  Parsed good(
      "\xef\xbb\xbf"
      "a: \xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\r\n");
  ASSERT_TRUE(good.root);
  EXPECT_EQ(at(*good.root, "a").text, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
}

TEST(Yaml, AQuoteMustBeClosed) {
  for (const std::string_view bad :
       {"a: \"x", "a: \"x\n", "a: 'x\n", "a: 'it''s\nb: 2\n", "a: \"x\\\"\n", "a: &n \"x\n\n"}) {
    Parsed parsed(bad);
    EXPECT_FALSE(parsed.root) << bad;
    EXPECT_NE(parsed.messages().find("a quoted text is never closed"), std::string::npos) << bad;
  }
  for (const std::string_view good : {"a: \"x\n y\"\n", "a: 'it''s'\n", "a: \"\\\"\"", "a: &n \"x\"\n",
                                      "a: x\"y\nb: y'\n", "a: |\n \"x\nb: \"\"\n", "\xef\xbb\xbf\"a\": \"x\"\r\n"}) {
    Parsed parsed(good);
    EXPECT_TRUE(parsed.root) << good;
    EXPECT_EQ(parsed.messages(), "") << good;
  }
}

TEST(Report, SaysEachThingOnceAndHasAnEnd) {
  Report report;
  const std::size_t file = report.add_file("f");
  for (int i = 0; i < 5000; ++i) report.warning({file, i % 2500 + 1, 1}, "m", "x");
  report.error({file, 9999, 1}, "late", "x");
  EXPECT_TRUE(report.has_errors());
  const auto diagnostics = report.take();
  ASSERT_EQ(diagnostics.size(), Report::diagnostics_max + 1);
  EXPECT_EQ(diagnostics.back().severity, Diagnostic::error) << "an error that was cut still counts";
}

TEST(Quotes, AreSafeToPrint) {
  EXPECT_EQ(in_quotes("a\nb\x1b[31m"), "'a?b?[31m'");
  EXPECT_EQ(in_quotes(std::string(61, 'x')), "'" + std::string(60, 'x') + "...'");
  EXPECT_EQ(in_quotes(std::string(59, 'x') + "\xc3\xa9"), "'" + std::string(59, 'x') + "...'");
}

}  // namespace
}  // namespace triage::config
