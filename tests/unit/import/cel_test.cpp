#include "import/cel.hpp"

#include <gtest/gtest.h>

namespace triage::imports {
namespace {

TEST(Cel, ReadsComparisonsAndTheirJoints) {
  const auto cel =
      parse_cel(R"(default(llmRequest.metadata.tier, "") == "a" || (!has(x.y) && llmRequest.max_tokens <= 10))");
  ASSERT_TRUE(cel);
  EXPECT_EQ(cel->kind, Cel::Kind::any);
  ASSERT_EQ(cel->inner.size(), 2U);
  EXPECT_EQ(cel->inner[0].field, "llmRequest.metadata.tier");
  EXPECT_EQ(cel->inner[0].otherwise, "");
  EXPECT_EQ(cel->inner[0].values.at(0), "a");
  const Cel& both = cel->inner[1];
  EXPECT_EQ(both.kind, Cel::Kind::all);
  EXPECT_EQ(both.inner.at(0).kind, Cel::Kind::negated);
  EXPECT_EQ(both.inner[0].inner.at(0).op, "has");
  EXPECT_EQ(both.inner.at(1).op, "<=");
  EXPECT_EQ(both.inner[1].values.at(0), "10");
}

TEST(Cel, ReadsMethodsListsAndHeaders) {
  const auto starts = parse_cel("model.startsWith('gpt-4')");
  ASSERT_TRUE(starts);
  EXPECT_EQ(starts->field, "model");
  EXPECT_EQ(starts->op, "startsWith");
  const auto in = parse_cel("model in ['a', \"b\"]");
  ASSERT_TRUE(in);
  EXPECT_EQ(in->values, (std::vector<std::string>{"a", "b"}));
  const auto header = parse_cel("request.headers[\"x-chaos\"] == \"1\"");
  ASSERT_TRUE(header);
  EXPECT_EQ(header->field, "request.headers[x-chaos]");
}

TEST(Cel, RefusesWhatItDoesNotUnderstand) {
  for (const char* text : {"", "random() < 0.1", "a == b.c", "a ? b : c", "a ==", "(a == 'b'", "a == 'b", "1 == a",
                           "a == 'b' c", "size(a) > 1", "a.b(c)", "a == \"x\\n\"", "&&", "a == 'b' ||", "!"})
    EXPECT_FALSE(parse_cel(text)) << text;
  EXPECT_FALSE(parse_cel(std::string(10'000, '(') + "a"));
  EXPECT_FALSE(parse_cel(std::string(10'000, '!') + "a"));
}

}  // namespace
}  // namespace triage::imports
