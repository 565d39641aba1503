// What can be told of rules without a request.
#include "routing/rules.hpp"

#include <gtest/gtest.h>

namespace triage::routing {
namespace {

ConditionSpec more_tokens_than(std::int64_t bound) {
  ConditionSpec out;
  out.tokens.emplace().gt = bound;
  return out;
}

ConditionSpec words_of(std::vector<std::string> words) {
  ConditionSpec out;
  out.keywords = std::move(words);
  return out;
}

TEST(Implies, ANarrowerBoundAndTheSameInOtherWords) {
  EXPECT_TRUE(implies(more_tokens_than(20), more_tokens_than(10)));
  EXPECT_FALSE(implies(more_tokens_than(10), more_tokens_than(20)));
  ConditionSpec from_eleven;
  from_eleven.tokens.emplace().gte = 11;
  EXPECT_TRUE(implies(from_eleven, more_tokens_than(10)));
  EXPECT_TRUE(implies(more_tokens_than(10), from_eleven));
  EXPECT_FALSE(implies(words_of({"a"}), more_tokens_than(10)));
}

TEST(Implies, FewerWords) {
  EXPECT_TRUE(implies(words_of({"a"}), words_of({"b", "a"})));
  EXPECT_FALSE(implies(words_of({"a", "c"}), words_of({"b", "a"})));
  EXPECT_FALSE(implies(ConditionSpec(), words_of({"a"})));
}

TEST(Implies, AllThatTheWiderOneNames) {
  ConditionSpec both = more_tokens_than(20);
  both.code = true;
  EXPECT_TRUE(implies(both, more_tokens_than(20)));
  EXPECT_FALSE(implies(more_tokens_than(20), both));
  ConditionSpec no_code = both;
  no_code.code = false;
  EXPECT_FALSE(implies(no_code, both));
  ConditionSpec negated;
  negated.negated.emplace() = both;
  EXPECT_TRUE(implies(negated, negated));
  ConditionSpec other;
  other.negated.emplace() = no_code;
  EXPECT_FALSE(implies(negated, other));
}

TEST(LooksOnlyAtLength, AlsoInside) {
  EXPECT_TRUE(looks_only_at_length(more_tokens_than(20)));
  EXPECT_FALSE(looks_only_at_length(words_of({"a"})));
  ConditionSpec nested;
  nested.any = {more_tokens_than(20), more_tokens_than(2)};
  EXPECT_TRUE(looks_only_at_length(nested));
  nested.any[1].negated.emplace() = words_of({"a"});
  EXPECT_FALSE(looks_only_at_length(nested));
}

}  // namespace
}  // namespace triage::routing
