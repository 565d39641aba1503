#include "openai/conversation.hpp"

#include "support/padded.hpp"
#include "support/read_request.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

TEST(Conversation, OpensWithEverythingUpToTheFirstUserMessage) {
  const test::Padded body(
      R"({"model":"m","messages":[{"role":"system","content":"s"}, {"content":[{"role":"x"}],"role":"user"} ]})");
  const auto read = conversation_of(test::read_loosely(body.view()));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->opening, R"([{"role":"system","content":"s"}, {"content":[{"role":"x"}],"role":"user"})");
  EXPECT_FALSE(read->continued);
}

TEST(Conversation, IsContinuedByWhateverComesBehind) {
  const test::Padded first(R"({"messages":[{"role":"user","content":"a"}]})");
  const test::Padded second(R"({"tools":[],"messages":[{"role":"user","content":"a"},{"role":"assistant"}]})");
  const auto opened = conversation_of(test::read_loosely(first.view()));
  const auto continued = conversation_of(test::read_loosely(second.view()));
  ASSERT_TRUE(opened && continued);
  EXPECT_EQ(opened->opening, continued->opening);
  EXPECT_TRUE(continued->continued);
}

TEST(Conversation, NeedsAUser) {
  for (const char* text : {"{}", "[]", R"({"messages":3})", R"({"messages":[]})", R"({"messages":[1,null]})",
                           R"({"messages":[{"role":"system"}]})", R"({"messages":[{"role":7}]})"}) {
    const test::Padded body(text);
    EXPECT_FALSE(conversation_of(test::read_loosely(body.view()))) << text;
  }
}

}  // namespace
}  // namespace triage
