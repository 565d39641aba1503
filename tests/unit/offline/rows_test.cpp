#include "offline/rows.hpp"

#include "support/padded.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace triage::offline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Rows read(const std::string& text, const std::string& group = "group") {
  const test::Padded padded(text);
  return read_rows(padded.view(), "rows.jsonl", group);
}

TEST(Rows, AllMembers) {
  const Rows rows = read(
      R"({"prompt": "2 + 2?\n\u00e9", "weak": 0.25, "strong": true, "weak_response": "4", "strong_response": "four",)"
      R"( "group": "sums", "cost_weak": 0.0001, "cost_strong": 2e-3, "score": 0.5, "id": {"any": [1]}})");
  ASSERT_EQ(rows.bad_rows, 0U) << rows.problems[0];
  const Row& row = rows.rows.at(0);
  EXPECT_EQ(row.line, 1U);
  EXPECT_EQ(row.prompt, R"("2 + 2?\n\u00e9")");
  EXPECT_EQ(row.question, "2 + 2?\n\xC3\xA9");
  EXPECT_EQ(row.weak, 0.25);
  EXPECT_EQ(row.strong, 1);
  EXPECT_EQ(row.weak_response, "4");
  EXPECT_EQ(row.strong_response, "four");
  EXPECT_EQ(row.group, "sums");
  EXPECT_EQ(row.cost_weak_usd, 0.0001);
  EXPECT_EQ(row.cost_strong_usd, 0.002);
  EXPECT_EQ(row.score, 0.5);
}

TEST(Rows, MessagesAreAQuestion) {
  const Rows rows = read(R"({"prompt": [{"role": "system", "content": "Be brief."}, {"role": "user", "content":)"
                         R"( [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {}}]}],)"
                         R"( "weak": 0, "strong": 1})");
  ASSERT_EQ(rows.bad_rows, 0U) << rows.problems[0];
  EXPECT_EQ(rows.rows[0].question, "Be brief.\nWhat is it?");
  EXPECT_EQ(rows.rows[0].prompt.front(), '[');
  EXPECT_EQ(rows.rows[0].prompt.back(), ']');
}

TEST(Rows, EqualQuestionsAreOneUnit) {
  const Rows rows = read(
      "{\"prompt\":\"a\",\"weak\":0,\"strong\":1}\n\n{\"prompt\":\"b\",\"weak\":0,\"strong\":1}\n"
      "{\"prompt\":\"\\u0061\",\"weak\":1,\"strong\":1}\r\n");
  EXPECT_EQ(rows.questions, 2U);
  EXPECT_THAT(rows.units, ElementsAre(0, 1, 0));
  EXPECT_EQ(rows.rows[2].line, 4U);
}

TEST(Rows, AnotherMemberHoldsTheGroup) {
  EXPECT_EQ(read(R"({"prompt":"a","weak":0,"strong":1,"domain":"law"})", "domain").rows.at(0).group, "law");
}

struct Bad {
  const char* line;
  const char* says;
};

class BadRow : public testing::TestWithParam<Bad> {};

TEST_P(BadRow, IsNamedWithItsLine) {
  const Rows rows = read("{\"prompt\":\"a\",\"weak\":0,\"strong\":1}\n" + std::string(GetParam().line) + "\n");
  ASSERT_EQ(rows.bad_rows, 1U);
  EXPECT_THAT(rows.problems[0], HasSubstr("rows.jsonl:2: "));
  EXPECT_THAT(rows.problems[0], HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, BadRow,
    testing::Values(Bad{R"({"prompt":"a","weak":1.5,"strong":1})", "'weak' is 1.5: write a score from 0"},
                    Bad{R"({"prompt":"a","weak":-0.1,"strong":1})", "'weak' is -0.1"},
                    Bad{R"({"prompt":"a","weak":1e999,"strong":1})", "'weak' is 1e999"},
                    Bad{R"({"prompt":"a","weak":"yes","strong":1})", R"('weak' is "yes")"},
                    Bad{R"({"prompt":"a","weak":null,"strong":1})", "'weak' is null"},
                    Bad{R"({"prompt":"a","weak":0})", "'strong' is missing"},
                    Bad{R"({"weak":0,"strong":1})", "'prompt' is missing"},
                    Bad{R"({"prompt":"  ","weak":0,"strong":1})", R"('prompt' is "  ": write a text)"},
                    Bad{R"({"prompt":7,"weak":0,"strong":1})", "'prompt' is 7"},
                    Bad{R"({"prompt":[],"weak":0,"strong":1})", "'prompt' is []"},
                    Bad{R"({"prompt":[{"content":7}],"weak":0,"strong":1})", "'prompt' is [{"},
                    Bad{R"({"prompt":"a","weak":0,"strong":1,"score":2})", "'score' is 2: write a number from 0"},
                    Bad{R"({"prompt":"a","weak":0,"strong":1,"score":true})", "'score' is true"},
                    Bad{R"({"prompt":"a","weak":0,"strong":1,"cost_weak":-1})", "'cost_weak' is -1"},
                    Bad{R"({"prompt":"a","weak":0,"strong":1,"weak_response":3})", "'weak_response' is 3"},
                    Bad{R"({"prompt":"a","weak":0,"strong":1,"group":3})", "'group' is 3"},
                    Bad{R"({"prompt":"a","weak":0,"weak":1,"strong":1})", "'weak' comes twice: leave"},
                    Bad{R"({"prompt":"a","weak":0,"strong":1)", "not JSON"}, Bad{"[1]", "write an object"},
                    Bad{"prompt", "write an object"}, Bad{"{\"prompt\":\"\xFF\"}", "not UTF-8"}));

TEST(Rows, ManyBadRowsAreCounted) {
  std::string text;
  for (int i = 0; i < 50; ++i) text += "{}\n";
  const Rows rows = read(text);
  EXPECT_EQ(rows.bad_rows, 50U);
  EXPECT_EQ(rows.problems.size(), Rows::problems_max);
}

}  // namespace
}  // namespace triage::offline
