#include "base/log.hpp"
#include "base/escaped.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

std::string escaped(std::string_view text, bool quoted = true) {
  std::string out;
  append_escaped(out, text, quoted);
  return out;
}

TEST(Escaped, LeavesTextAsItIs) {
  EXPECT_EQ(escaped("plain text, 100 %"), "plain text, 100 %");
  EXPECT_EQ(escaped("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"), "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80");
}

TEST(Escaped, NoControlCharacterPasses) {
  EXPECT_EQ(escaped("a\r\nb\tc"), "a\\u000d\\nb\\tc");
  EXPECT_EQ(escaped(std::string_view("\0\x1b[2J\x7f", 6)), "\\u0000\\u001b[2J\\u007f");
  EXPECT_EQ(escaped("\xc2\x9b"), "\\u009b") << "a control sequence in one symbol (C1)";
  EXPECT_EQ(escaped("\xe2\x80\xa8"), "\\u2028");
}

TEST(Escaped, QuotesOnlyWhereTheyWouldEndIt) {
  EXPECT_EQ(escaped(R"(say "no" \ yes)"), R"(say \"no\" \\ yes)");
  EXPECT_EQ(escaped(R"(say "no" \ yes)", false), R"(say "no" \ yes)");
}

TEST(Escaped, WhatIsNotUtf8IsReplaced) {
  const std::string mark = "\xef\xbf\xbd";
  EXPECT_EQ(escaped("a\xff"
                    "b"),
            "a" + mark + "b");
  EXPECT_EQ(escaped("\xc3"), mark) << "cut off";
  EXPECT_EQ(escaped("\xc0\xaf"), mark + mark) << "longer than it has to be";
  EXPECT_EQ(escaped("\xe0\x80\xaf"), mark + mark + mark);
  EXPECT_EQ(escaped("\xed\xa0\x80"), mark + mark + mark) << "half of a pair";
  EXPECT_EQ(escaped("\xf4\x90\x80\x80"), mark + mark + mark + mark) << "above U+10FFFF";
}

TEST(LogFields, AsText) {
  log::Fields line("request");
  line.add("id", "req_1").add("attempts", std::int64_t{2}).add("latency_ms", 1.25).add("streamed", false);
  line.add("why", "no = \"yes\"\nforged id=req_2").add("nothing", "");
  EXPECT_EQ(line.text(),
            "request id=req_1 attempts=2 latency_ms=1.250 streamed=false "
            R"(why="no = \"yes\"\nforged id=req_2" nothing="")");
}

TEST(LogFields, AsJson) {
  log::use(log::Format::json);
  log::Fields line("request");
  line.add("id", "req_1").add("attempts", std::int64_t{2}).add("streamed", true);
  log::use(log::Format::text);
  EXPECT_EQ(line.text(), R"("event":"request","id":"req_1","attempts":2,"streamed":true)");
}

}  // namespace
}  // namespace triage
