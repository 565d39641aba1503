#include "openai/answer_reader.hpp"

#include "support/padded.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

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

TEST(Completion, OfCustomToolsAndOldCalls) {
  const Completion custom = whole(
      R"({"choices":[{"message":{"tool_calls":[{"id":"1","type":"custom","custom":{"name":"run","input":"ls -l"}}]}}]})");
  ASSERT_EQ(custom.tool_calls.size(), 1U);
  EXPECT_EQ(custom.tool_calls[0].name, "run");
  EXPECT_EQ(custom.tool_calls[0].arguments, "ls -l");
  EXPECT_TRUE(custom.tool_calls[0].custom);
  const Completion old = whole(
      R"({"choices":[{"message":{"content":null,"function_call":{"name":"a","arguments":"{}"}},"finish_reason":"function_call"}]})");
  ASSERT_EQ(old.tool_calls.size(), 1U);
  EXPECT_EQ(old.tool_calls[0].name, "a");
  EXPECT_FALSE(old.tool_calls[0].custom);
  const Completion pieces = streamed({R"({"choices":[{"delta":{"function_call":{"name":"a","arguments":""}}}]})",
                                      R"({"choices":[{"delta":{"function_call":{"arguments":"{\"x\""}}}]})",
                                      R"({"choices":[{"delta":{"function_call":{"arguments":":1}"}}}]})"});
  ASSERT_EQ(pieces.tool_calls.size(), 1U);
  EXPECT_EQ(pieces.tool_calls[0].arguments, R"({"x":1})");
  EXPECT_TRUE(whole(R"({"choices":[{"message":{"content":"a","function_call":null}}]})").tool_calls.empty());
}

TEST(Completion, OfSoundAndPictures) {
  for (const char* message :
       {R"({"content":null,"audio":{"id":"a","data":"AAAA","transcript":"Hello."}})",
        R"({"content":"","images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA"}}]})",
        R"({"content":[{"type":"image_url","image_url":{"url":"https://a/b.png"}}]})"})
    EXPECT_TRUE(whole(R"({"choices":[{"message":)" + std::string(message) + "}]}").media) << message;
  for (const char* message :
       {R"({"content":"x","audio":null,"images":[]})", R"({"content":[{"type":"text","text":"x"}]})"})
    EXPECT_FALSE(whole(R"({"choices":[{"message":)" + std::string(message) + "}]}").media) << message;
}

TEST(Completion, ArgumentsGivenAsAnObject) {
  const Completion answer =
      whole(R"({"choices":[{"message":{"tool_calls":[{"function":{"name":"a","arguments":{"x": [1, "}"]}}}]}}]})");
  ASSERT_EQ(answer.tool_calls.size(), 1U);
  EXPECT_EQ(answer.tool_calls[0].arguments, R"({"x": [1, "}"]})");
}

// Each line is the delta's tool_calls of one event.
struct Pieces {
  const char* what;
  std::vector<std::string> tool_calls;
};
TEST(Completion, PiecesOfParallelCalls) {
  const std::vector<Pieces> all{
      {"as it should be",
       {R"([{"index":0,"id":"1","function":{"name":"a","arguments":""}}])",
        R"([{"index":0,"function":{"arguments":"{\"x\":1}"}}])",
        R"([{"index":1,"id":"2","function":{"name":"b","arguments":""}}])",
        R"([{"index":1,"function":{"arguments":"{\"y\":2}"}}])"}},
      {"taking turns",
       {R"([{"index":0,"id":"1","function":{"name":"a"}},{"index":1,"id":"2","function":{"name":"b"}}])",
        R"([{"index":1,"function":{"arguments":"{\"y\""}},{"index":0,"function":{"arguments":"{\"x\":"}}])",
        R"([{"index":0,"function":{"arguments":"1}"}},{"index":1,"function":{"arguments":":2}"}}])"}},
      {"no index, ids at the beginning",
       {R"([{"id":"1","function":{"name":"a","arguments":""}}])", R"([{"function":{"arguments":"{\"x\":1}"}}])",
        R"([{"id":"2","function":{"name":"b","arguments":"{\"y\""}}])", R"([{"function":{"arguments":":2}"}}])"}},
      {"no index, ids at each piece",
       {R"([{"id":"1","function":{"name":"a"}}])", R"([{"id":"2","function":{"name":"b"}}])",
        R"([{"id":"1","function":{"arguments":"{\"x\":1}"}},{"id":"2","function":{"arguments":"{\"y\":2}"}}])"}},
      {"neither index nor id",
       {R"([{"function":{"name":"a","arguments":"{\"x\":1}"}},{"function":{"name":"b","arguments":"{\"y\":2}"}}])"}},
      {"index 0 for both",
       {R"([{"index":0,"id":"1","function":{"name":"a","arguments":"{\"x\""}}])",
        R"([{"index":0,"function":{"arguments":":1}"}}])",
        R"([{"index":0,"id":"2","function":{"name":"b","arguments":"{\"y\""}}])",
        R"([{"index":0,"function":{"arguments":":2}"}}])"}},
      {"index 0 for both, no ids, whole",
       {R"([{"index":0,"function":{"name":"a","arguments":"{\"x\":1}"}}])",
        R"([{"index":0,"function":{"name":"b","arguments":"{\"y\":2}"}}])"}},
      {"the name at each piece",
       {R"([{"index":0,"id":"1","function":{"name":"a","arguments":"{\"x\""}}])",
        R"([{"index":0,"id":"1","function":{"name":"a","arguments":":1}"}}])",
        R"([{"index":1,"id":"2","function":{"name":"b","arguments":"{\"y\":2}"}}])"}},
      {"indexes from 1 on",
       {R"([{"index":1,"id":"1","function":{"name":"a","arguments":"{\"x\":1}"}}])",
        R"([{"index":2,"id":"2","function":{"name":"b","arguments":"{\"y\":2}"}}])"}},
  };
  for (const Pieces& each : all) {
    Completion answer;
    for (const std::string& calls : each.tool_calls) {
      const Padded event(R"({"choices":[{"index":0,"delta":{"tool_calls":)" + calls + "}}]}");
      add_to_completion(event.view(), answer);
    }
    ASSERT_EQ(answer.tool_calls.size(), 2U) << each.what;
    EXPECT_EQ(answer.tool_calls[0].name, "a") << each.what;
    EXPECT_EQ(answer.tool_calls[0].arguments, R"({"x":1})") << each.what;
    EXPECT_EQ(answer.tool_calls[1].name, "b") << each.what;
    EXPECT_EQ(answer.tool_calls[1].arguments, R"({"y":2})") << each.what;
  }
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
  EXPECT_TRUE(whole(R"({"choices":[{"message":{"tool_calls":[{"index":99999999}]}}]})").tool_calls.size() == 1);
}

struct Read {
  std::string bytes;
  std::string text;
  AnswerEvent piece;
  [[nodiscard]] bool finished() const {
    return std::ranges::any_of(piece.choices, [](const AnswerChoice& choice) { return !choice.finish_reason.empty(); });
  }
};
std::unique_ptr<Read> read(const std::string& event) {
  auto out = std::make_unique<Read>();
  out->bytes = event + std::string(body_padding, '"');
  read_answer(std::string_view(out->bytes).substr(0, event.size()), AnswerForm::chunk, out->piece);
  for (const AnswerPiece& piece : out->piece.pieces)
    if (piece.kind == AnswerPiece::Kind::text && piece.choice == 0) piece.text.append_to(out->text);
  return out;
}
std::unique_ptr<Read> read_delta(const std::string& delta, const std::string& more = "") {
  return read(R"({"choices":[{"index":0,"delta":)" + delta + more + "}]}");
}

TEST(AnswerEvent, TheTextOfAChatAndOfACompletion) {
  EXPECT_EQ(read_delta(R"({"content":"H\u00e9"})")->text, "H\u00e9");
  EXPECT_EQ(read(R"({"choices":[{"text":"He","index":0}]})")->text, "He");
  const auto none = read(R"({"choices":[],"usage":{"prompt_tokens":1}})");
  EXPECT_TRUE(none->piece.choices.empty());
  const auto named = read(R"({"id":"a\"b","created": 12 ,"model":"m","choices":[{"delta":{}}]})");
  EXPECT_EQ(named->piece.identity.id, R"("a\"b")");
  EXPECT_EQ(named->piece.identity.created, "12");
  EXPECT_EQ(named->piece.identity.model, R"("m")");
  EXPECT_EQ(named->piece.choices.size(), 1U);
}

TEST(AnswerEvent, WhatIsNullOrEmptySaysNothing) {
  const auto seen = read_delta(
      R"({"role":null,"content":"x","refusal":null,"tool_calls":[],"function_call":null,"reasoning":"","annotations":[]})",
      R"(,"logprobs":null,"finish_reason":null,"stop_reason":null,"content_filter_results":{"hate":{"filtered":false}})");
  EXPECT_EQ(seen->text, "x");
  EXPECT_FALSE(seen->piece.role || seen->finished() || seen->piece.acts || seen->piece.more);
}

TEST(AnswerEvent, WhatATextDoesNotHold) {
  EXPECT_TRUE(read_delta(R"({"role":"assistant"})")->piece.role);
  EXPECT_TRUE(read_delta("{}", R"(,"finish_reason":"stop")")->finished());
  EXPECT_FALSE(read_delta("{}", R"(,"finish_reason":"null")")->finished()) << "as some spell 'not yet'";
  EXPECT_TRUE(read_delta(R"({"tool_calls":[{"index":0}]})")->piece.acts);
  EXPECT_TRUE(read_delta(R"({"function_call":{"name":"f"}})")->piece.acts);
  EXPECT_TRUE(read_delta(R"({"refusal":"No"})")->piece.acts);
  EXPECT_TRUE(read_delta(R"({"reasoning_content":"Hm"})")->piece.more);
  EXPECT_TRUE(read_delta(R"({"content":[{"type":"text","text":"x"}]})")->piece.more);
  EXPECT_TRUE(read_delta("{}", R"(,"logprobs":{"content":[]})")->piece.says_logprobs);
  EXPECT_TRUE(read(R"({"choices":[{"index":1,"delta":{}}]})")->piece.more);
  EXPECT_TRUE(read(R"({"choices":[{"delta":{}},{"delta":{}}]})")->piece.more);
}

TEST(AnswerEvent, AnythingCanBeRead) {
  for (const char* each : {"", "{", "[]", "1", R"({"choices":7})", R"({"choices":[7,{"delta":[]}]})", R"({"id":)"}) {
    EXPECT_EQ(read(each)->text, "") << each;
    EXPECT_FALSE(read(each)->piece.acts) << each;
  }
}

}  // namespace
}  // namespace triage
