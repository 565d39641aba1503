#include "similarity/rows.hpp"
#include "support/padded.hpp"

#include <gtest/gtest.h>

namespace triage::similarity {
namespace {

std::string shown(const std::vector<Problem>& problems) {
  std::string out;
  for (const Problem& each : problems) out += std::to_string(each.line) + ": " + each.message + " | " + each.fix + "\n";
  return out;
}

std::vector<Example> examples(std::string_view text, std::string* problems = nullptr) {
  std::vector<Problem> found;
  auto out = read_examples(test::Padded(text).view(), found);
  if (problems != nullptr)
    *problems = shown(found);
  else
    EXPECT_EQ(shown(found), "");
  return out;
}

std::string problems_of(std::string_view text) {
  std::string out;
  examples(text, &out);
  return out;
}

TEST(Examples, AreReadWithTheirLines) {
  const auto read = examples(
      "\xef\xbb\xbf{\"prompt\":\"Prove \\\"it\\\"\",\"tier\":\"large\",\"class\":\"math\",\"label\":\"proof\"}\r\n"
      "\n  \t\n"
      R"({"prompt": [{"role":"system","content":"be brief"},{"role":"user","content":"one"},)"
      R"({"role":"assistant","content":"1"},{"role":"user","content":[{"type":"text","text":"two"}]}]})");
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(read[0].text, "Prove \"it\"");
  EXPECT_EQ(read[0].tier + read[0].task_class + read[0].label, "largemathproof");
  EXPECT_EQ(read[0].line, 1);
  EXPECT_EQ(read[1].text, "two") << "as of a request, the last user turn";
  EXPECT_EQ(read[1].line, 4);
}

TEST(Examples, VectorsGetLengthOne) {
  const auto read =
      examples("{\"prompt\":\"a\",\"vector\":[3,4e0]}\n{\"prompt\":\"b\",\"vector\":[0,-2]}\n{\"prompt\":\"c\"}");
  ASSERT_EQ(read.size(), 3U);
  EXPECT_EQ(read[0].vector, (std::vector<float>{0.6F, 0.8F}));
  EXPECT_EQ(read[1].vector, (std::vector<float>{0, -1}));
  EXPECT_TRUE(read[2].vector.empty());
}

TEST(Examples, WhatIsWrongIsSaidWithItsLineAndFix) {
  EXPECT_EQ(problems_of("[]"), "1: the line is [] | write an object, {\"prompt\": \"...\", ...}\n");
  EXPECT_EQ(problems_of("\n{\"prompt\":\"a\""),
            "2: the line is not JSON: it ends too early at byte 14 | write one object on each line\n");
  EXPECT_EQ(problems_of("{\"prompt\":\"a\"} x"),
            "1: the line is not JSON: something follows the value at byte 16 | write one object on each line\n");
  EXPECT_EQ(problems_of("{\"prompt\":\"a\",\"prompt\":\"b\"}"),
            "1: member 'prompt' comes twice | leave one of them out\n");
  EXPECT_EQ(problems_of("{}"), "1: 'prompt' is missing or empty | add \"prompt\": \"...\"\n");
  EXPECT_EQ(problems_of("{\"prompt\":\"\"}"),
            "1: 'prompt' is \"\" | write a text, or a list of chat messages that have one\n");
  EXPECT_EQ(problems_of("{\"prompt\":7}"),
            "1: 'prompt' is 7 | write a text, or a list of chat messages that have one\n");
  EXPECT_EQ(problems_of("{\"prompt\":[{\"role\":\"system\",\"content\":\"a\"}]}"),
            "1: 'prompt' has no user message with a text | add {\"role\": \"user\", \"content\": \"...\"}\n");
  EXPECT_EQ(problems_of("{\"prompt\":\"a\",\"teir\":\"large\"}"), "1: unknown member 'teir' | did you mean 'tier'?\n");
  EXPECT_EQ(problems_of("{\"prompt\":\"a\",\"tier\":[1]}"), "1: 'tier' is [1] | write a text, or leave it out\n");
  EXPECT_EQ(problems_of("{\"prompt\":\"a\",\"label\":\"\"}"), "1: 'label' is \"\" | write a text, or leave it out\n");
  EXPECT_EQ(problems_of("{\"prompt\":\"a\xff\"}"), "1: byte 13 of the line is not UTF-8 | save the file as UTF-8\n");
}

TEST(Examples, VectorsThatAreNone) {
  EXPECT_EQ(problems_of("{\"prompt\":\"a\",\"vector\":\"x\"}"), "1: 'vector' is \"x\" | give a list of numbers\n");
  EXPECT_EQ(problems_of("{\"prompt\":\"a\",\"vector\":[1,null]}"),
            "1: 'vector' holds null, which is no 32-bit number | give it as the encoder did\n");
  EXPECT_EQ(problems_of("{\"prompt\":\"a\",\"vector\":[1,1e99]}"),
            "1: 'vector' holds 1e99, which is no 32-bit number | give it as the encoder did\n");
  EXPECT_EQ(problems_of("{\"prompt\":\"a\",\"vector\":[0,0.0]}"),
            "1: 'vector' has no direction: all of it is 0 | give it as the encoder did\n");
  EXPECT_EQ(problems_of("{\"prompt\":\"a\",\"vector\":[]}"),
            "1: 'vector' has no direction: all of it is 0 | give it as the encoder did\n");
  EXPECT_EQ(problems_of("{\"prompt\":\"a\",\"vector\":[1,2]}\n{\"prompt\":\"b\",\"vector\":[1]}"),
            "2: 'vector' has 1 numbers, that of line 1 has 2 | take all vectors from one encoder\n");
  std::string many = "{\"prompt\":\"a\",\"vector\":[1";
  for (std::size_t i = 0; i < dimensions_max; ++i) many += ",1";
  EXPECT_EQ(problems_of(many + "]}"), "1: 'vector' has more than 8192 numbers | use an encoder with fewer\n");
}

TEST(Examples, RowsAndProblemsAreBounded) {
  std::string text;
  for (std::size_t i = 0; i < rows_max; ++i) text += "{\"prompt\":\"a\"}\n";
  EXPECT_EQ(examples(text).size(), rows_max);
  EXPECT_EQ(problems_of(text + "{\"prompt\":\"a\"}\n{\"prompt\":\"a\"}\n"),
            "100001: more than 100000 rows | leave some out\n");
  std::vector<Problem> found;
  read_examples(test::Padded(std::string(1000, '\n') + std::string("x\ny\nz\n")).view(), found);
  EXPECT_EQ(found.size(), 3U);
  std::string bad;
  for (int i = 0; i < 1000; ++i) bad += "x\n";
  found.clear();
  read_examples(test::Padded(bad).view(), found);
  EXPECT_EQ(found.size(), problems_max);
}

TEST(Examples, DeepNestingIsRefused) {
  const std::string deep = "{\"prompt\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  EXPECT_NE(problems_of(deep).find("not JSON"), std::string::npos);
}

TEST(GradedRows, AreHardIfOnlyTheStrongIsRight) {
  std::vector<Problem> problems;
  const auto rows = read_graded(test::Padded("{\"prompt\":\"a\",\"weak\":0,\"strong\":1,\"group\":\"x\"}\n"
                                             "{\"prompt\":\"b\",\"weak\":true,\"strong\":true}\n"
                                             "{\"prompt\":\"c\",\"weak\":0.4,\"strong\":0.4,\"vector\":[0,2]}")
                                    .view(),
                                problems);
  EXPECT_EQ(shown(problems), "");
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_TRUE(rows[0].hard());
  EXPECT_FALSE(rows[1].hard());
  EXPECT_FALSE(rows[2].hard());
  EXPECT_EQ(rows[2].vector, (std::vector<float>{0, 1}));
}

TEST(GradedRows, NeedBothScores) {
  std::vector<Problem> problems;
  read_graded(
      test::Padded("{\"prompt\":\"a\",\"strong\":1}\n{\"prompt\":\"a\",\"weak\":1}\n"
                   "{\"prompt\":\"a\",\"weak\":2,\"strong\":1}\n{\"prompt\":\"a\",\"weak\":\"no\",\"strong\":1}")
          .view(),
      problems);
  EXPECT_EQ(shown(problems),
            "1: 'weak' is missing | give how good each model's answer is, from 0 to 1\n"
            "2: 'strong' is missing | give how good each model's answer is, from 0 to 1\n"
            "3: 'weak' is 2 | write a score from 0 (wrong) to 1 (right), or true or false\n"
            "4: 'weak' is \"no\" | write a score from 0 (wrong) to 1 (right), or true or false\n");
}

}  // namespace
}  // namespace triage::similarity
