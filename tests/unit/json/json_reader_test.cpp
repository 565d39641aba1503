// Strings of the JSON reader, at every place relative to the blocks in which it reads them.
#include "json/json.hpp"
#include "triage/body_padding.hpp"

#include <gtest/gtest.h>

#include <string>

namespace triage {
namespace {

// One string, and what stands behind its text: quotes, which must not end it.
struct Read {
  explicit Read(const std::string& json) : bytes(json + std::string(body_padding, '"')) {
    JsonReader in(std::string_view(bytes).substr(0, json.size()));
    ok = in.string(value) && in.finish();
    problem = std::string(in.problem_text());
    offset = in.problem_offset();
  }
  std::string bytes;
  JsonString value;
  bool ok = false;
  std::string problem;
  std::size_t offset = 0;
};

struct Escape {
  std::string spelled;
  std::string meant;
};

const Escape escapes[] = {{R"(\")", "\""},     {R"(\\)", "\\"},     {R"(\/)", "/"},          {R"(\b\f)", "\b\f"},
                          {R"(\n\r)", "\n\r"}, {R"(\t)", "\t"},     {R"(\u0041)", "A"},      {R"(\u00e9)", "é"},
                          {R"(\u20AC)", "€"},  {R"(\\\")", "\\\""}, {R"(\ud83d\ude00)", "😀"}};

TEST(JsonStrings, EscapesAtEveryPlace) {
  for (std::size_t before = 0; before < 140; ++before) {
    for (const Escape& escape : escapes) {
      const std::string filler(before, 'a');
      for (const std::string& tail : {std::string(), std::string("b"), std::string(70, 'c')}) {
        const Read read('"' + filler + escape.spelled + tail + '"');
        ASSERT_TRUE(read.ok) << before << escape.spelled << read.problem;
        EXPECT_TRUE(read.value.escaped);
        EXPECT_EQ(read.value.raw, filler + escape.spelled + tail);
        EXPECT_EQ(read.value.text(), filler + escape.meant + tail);
      }
    }
  }
}

TEST(JsonStrings, OfEveryLengthWithoutEscapes) {
  for (std::size_t size = 0; size < 200; ++size) {
    const std::string text(size, 'x');
    const Read read('"' + text + '"');
    ASSERT_TRUE(read.ok) << size;
    EXPECT_FALSE(read.value.escaped);
    EXPECT_EQ(read.value.text(), text);
  }
}

TEST(JsonStrings, NothingButEscapes) {
  std::string spelled;
  std::string meant;
  for (int i = 0; i < 300; ++i) {
    const Escape& escape = escapes[static_cast<std::size_t>(i) % std::size(escapes)];
    spelled += escape.spelled;
    meant += escape.meant;
  }
  const Read read('"' + spelled + '"');
  ASSERT_TRUE(read.ok) << read.problem << read.offset;
  EXPECT_EQ(read.value.text(), meant);
}

TEST(JsonStrings, WhatIsWrongIsFoundAtItsPlace) {
  for (std::size_t before = 0; before < 140; ++before) {
    const std::string begin = '"' + std::string(before, 'a');
    for (const char* bad : {"\\x", "\\u12g4", "\\u", "\\U0041", "\\ ", "\\\n"}) {
      const Read read(begin + bad + "zzzzzz\"");
      EXPECT_EQ(read.problem, "an escape is wrong") << before << bad;
      EXPECT_EQ(read.offset, begin.size()) << before << bad;
    }
    for (const char bad : {'\0', '\n', '\t', '\x1f'}) {
      const Read read(begin + bad + "z\"");
      EXPECT_EQ(read.problem, "a control character in a string must be escaped") << before << int{bad};
      EXPECT_EQ(read.offset, begin.size()) << before << int{bad};
    }
    EXPECT_TRUE(Read(begin + "\x7f !#\xc3\xa9\"").ok) << before;
  }
}

TEST(JsonStrings, CutAtEveryPlaceTheyAreNotWhole) {
  const std::string whole =
      '"' + std::string(13, 'a') + R"(\n\u0041bcd\\)" + std::string(60, 'e') + R"(\"\ud83d\ude00")";
  ASSERT_TRUE(Read(whole).ok);
  for (std::size_t size = 1; size < whole.size(); ++size) {
    const Read read(whole.substr(0, size));
    EXPECT_FALSE(read.ok) << size;
    EXPECT_TRUE(read.problem.starts_with("it ends inside a string")) << size << read.problem;
    EXPECT_LE(read.offset, size);
  }
}

}  // namespace
}  // namespace triage
