#include "openai/completion.hpp"

#include "support/padded.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

using test::Padded;

Completion whole(std::string_view json) {
  const Padded padded(json);
  return read_completion(padded.view());
}

Completion streamed(std::initializer_list<std::string_view> events) {
  Completion out;
  for (const std::string_view event : events) {
    const Padded padded(event);
    add_to_completion(padded.view(), out);
  }
  return out;
}

TEST(Completion, OfAWholeChatAnswer) {
  const Completion answer = whole(
      R"({"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"H\u00e9llo\n","refusal":null},)"
      R"("logprobs":{"content":[{"token":"H","logprob":-0.25,"top_logprobs":[{"logprob":-9}]},{"logprob":-1e-3}]},)"
      R"("finish_reason":"stop"}],"usage":{"prompt_tokens":3}})");
  EXPECT_EQ(answer.text, "Héllo\n");
  EXPECT_EQ(answer.refusal, "");
  EXPECT_EQ(answer.finish_reason, "stop");
  EXPECT_EQ(answer.logprobs, (std::vector<double>{-0.25, -0.001}));
  EXPECT_EQ(answer.choices, 1);
}

TEST(Completion, OfARefusalAndOfParts) {
  EXPECT_EQ(whole(R"({"choices":[{"message":{"content":null,"refusal":"I can't."}}]})").refusal, "I can't.");
  EXPECT_EQ(whole(R"({"choices":[{"message":{"content":[{"type":"text","text":"a"},{"text":"b"},7]}}]})").text, "ab");
}

TEST(Completion, OfToolCalls) {
  const Completion answer = whole(
      R"({"choices":[{"message":{"content":null,"tool_calls":[)"
      R"({"id":"1","type":"function","function":{"name":"a","arguments":"{\"x\":1}"}},)"
      R"({"id":"2","type":"function","function":{"arguments":"{}","name":"b"}}]},"finish_reason":"tool_calls"}]})");
  ASSERT_EQ(answer.tool_calls.size(), 2U);
  EXPECT_EQ(answer.tool_calls[0].name, "a");
  EXPECT_EQ(answer.tool_calls[0].arguments, R"({"x":1})");
  EXPECT_EQ(answer.tool_calls[1].name, "b");
  EXPECT_EQ(answer.finish_reason, "tool_calls");
}

TEST(Completion, OfAStreamAddsUp) {
  const Completion answer = streamed({
      R"({"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]})",
      R"({"choices":[{"index":0,"delta":{"content":"He"},"logprobs":{"content":[{"logprob":-1}]}}]})",
      R"({"choices":[{"index":0,"delta":{"content":"llo"},"logprobs":{"content":[{"logprob":-2}]}}]})",
      R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"name":"f","arguments":""}}]}}]})",
      R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\""}}]}}]})",
      R"({"choices":[{"index":0,"delta":{"tool_calls":[{"function":{"arguments":"{}"},"index":1}]}}]})",
      R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]}}]})",
      R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})",
      R"({"choices":[],"usage":{"prompt_tokens":3}})",
  });
  EXPECT_EQ(answer.text, "Hello");
  ASSERT_EQ(answer.tool_calls.size(), 2U);
  EXPECT_EQ(answer.tool_calls[0].arguments, R"({"a":1})");
  EXPECT_EQ(answer.tool_calls[1].arguments, "{}");
  EXPECT_EQ(answer.finish_reason, "stop");
  EXPECT_EQ(answer.logprobs, (std::vector<double>{-1, -2}));
}

TEST(Completion, IsOfTheFirstChoiceWhereverItsIndexStands) {
  const Completion answer = streamed({
      R"({"choices":[{"delta":{"content":"no"},"index":1},{"delta":{"content":"yes"},"index":0}]})",
      R"({"choices":[{"index":2,"delta":{"content":"no"}}]})",
  });
  EXPECT_EQ(answer.text, "yes");
  EXPECT_EQ(answer.choices, 3);
}

TEST(Completion, OfTheOldApi) {
  const Completion answer = whole(
      R"({"choices":[{"text":"abc","index":0,"logprobs":{"token_logprobs":[null,-0.5]},"finish_reason":"length"}]})");
  EXPECT_EQ(answer.text, "abc");
  EXPECT_EQ(answer.logprobs, std::vector<double>{-0.5});
  EXPECT_EQ(answer.finish_reason, "length");
}

TEST(Completion, OfNonsenseIsWhatCouldBeRead) {
  EXPECT_EQ(whole("").text, "");
  EXPECT_EQ(whole("[1,2]").text, "");
  EXPECT_EQ(whole(R"({"choices":{"message":1}})").text, "");
  EXPECT_EQ(whole(R"({"choices":[{"message":{"content":"ab"}},)").text, "ab");
  EXPECT_EQ(whole(R"({"choices":[{"index":-1,"message":{"content":"ab"}}]})").text, "");
  EXPECT_TRUE(whole(R"({"choices":[{"message":{"tool_calls":[{"index":99999999}]}}]})").tool_calls.empty());
}

}  // namespace
}  // namespace triage
