#include "triage/chat_view.hpp"
#include "openai/request_body.hpp"
#include "triage/body_padding.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

// A body with its padding, and what was read of it.
struct Read {
  explicit Read(std::string json, Api api = Api::chat) : body(std::move(json)) {
    const std::size_t size = body.size();
    body.append(body_padding, '\0');
    auto parsed = parse_request_body(api, std::string_view(body).substr(0, size), 64);
    EXPECT_TRUE(parsed.has_value()) << body;
    if (!parsed) return;
    request = *parsed;
    view.emplace(request);
  }
  std::string body;
  ApiRequest request;
  std::optional<ChatView> view;
};

TEST(ChatView, OfAPlainQuestion) {
  const Read read(R"({"model":"auto","messages":[{"role":"user","content":"What is the capital of France?"}]})");
  const ChatView& seen = *read.view;
  EXPECT_EQ(seen.text(), "What is the capital of France?");
  EXPECT_FALSE(seen.text_is_copied()) << "copied without need";
  EXPECT_NEAR(static_cast<double>(seen.tokens()), 7, 2);
  EXPECT_GE(seen.tokens_all(), seen.tokens());
  EXPECT_EQ(seen.turns, 1);
  EXPECT_EQ(seen.script(), Script::latin);
  EXPECT_FALSE(seen.system || seen.tools || seen.logprobs || seen.audio);
  EXPECT_FALSE(seen.max_tokens);
  EXPECT_EQ(seen.choices, 1);
  EXPECT_EQ(seen.response_format, ResponseFormat::none);
}

TEST(ChatView, OfEverythingAtOnce) {
  const Read read(R"({"model":"auto","stream":true,"n":2,"max_tokens":100,"max_completion_tokens":50,"logprobs":true,
    "metadata":{"tenant":"acme","x":1},"response_format":{"type":"json_schema","json_schema":{"name":"a"}},
    "tools":[{"type":"function","function":{"name":"get_weather"}}],
    "messages":[{"role":"developer","content":"Be brief."},{"content":"first","role":"user"},
      {"role":"assistant","content":null,"tool_calls":[{"id":"1","function":{"name":"f","arguments":"{}"}}]},
      {"role":"tool","tool_call_id":"1","content":"42"},
      {"role":"user","content":[{"type":"text","text":"Look:\n"},{"type":"image_url","image_url":{"url":"https://x/y.png"}},
        {"type":"text","text":"what \"is\" it?"},{"type":"input_audio","input_audio":{"data":""}}]}]})");
  const ChatView& seen = *read.view;
  EXPECT_EQ(seen.text(), "Look:\n\nwhat \"is\" it?");
  EXPECT_EQ(seen.turns, 2);
  EXPECT_TRUE(seen.system && seen.tools && seen.logprobs && seen.audio);
  EXPECT_EQ(seen.images, 1);
  EXPECT_EQ(seen.max_tokens, 50);
  EXPECT_EQ(seen.choices, 2);
  EXPECT_EQ(seen.response_format, ResponseFormat::json_schema);
  ASSERT_EQ(seen.metadata().size(), 1u);
  EXPECT_EQ(seen.metadata()[0], (std::pair<std::string, std::string>{"tenant", "acme"}));
  EXPECT_GT(seen.tokens_all(), seen.tokens() + 20);
}

TEST(ChatView, EscapesAreResolvedBeforeCounting) {
  const Read plain("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"请用三句话总结下面的会议记录\"}]}");
  const Read escaped(
      R"({"model":"m","messages":[{"role":"user","content":"\u8bf7\u7528\u4e09\u53e5\u8bdd\u603b\u7ed3\u4e0b\u9762\u7684\u4f1a\u8bae\u8bb0\u5f55"}]})");
  EXPECT_EQ(plain.view->text(), escaped.view->text());
  EXPECT_EQ(plain.view->tokens(), escaped.view->tokens());
  EXPECT_EQ(plain.view->tokens_all(), escaped.view->tokens_all());
  EXPECT_EQ(escaped.view->script(), Script::cjk);
  EXPECT_EQ(Read(R"({"model":"m","messages":[{"role":"user","content":"\u8bf7"}]})").view->script(), Script::cjk);
}

TEST(ChatView, OfPromptsAndInputs) {
  EXPECT_EQ(Read(R"({"model":"m","prompt":"Once upon"})", Api::completions).view->text(), "Once upon");
  EXPECT_EQ(Read(R"({"model":"m","prompt":["a b","c"]})", Api::completions).view->text(), "a b\nc");
  const Read tokens(R"({"model":"m","input":[[1,2,3],[4]]})", Api::embeddings);
  EXPECT_EQ(tokens.view->tokens(), 4);
  EXPECT_EQ(tokens.view->tokens_all(), 4);
  EXPECT_EQ(tokens.view->turns, 1);
}

TEST(ChatView, MembersOfOtherTypesCountAsAbsent) {
  for (const char* json :
       {R"({"model":"m"})", R"({"model":"m","messages":"x","tools":{},"n":"2","logprobs":null,"metadata":[1]})",
        R"({"model":"m","messages":[1,null,[],{"role":1,"content":{}},{"role":"assistant","content":[null,[[]],7]}]})",
        R"({"model":"m","messages":[],"tools":[ ],"response_format":{"type":7},"max_tokens":1e3})"}) {
    const Read read(json);
    EXPECT_FALSE(read.view->tools) << json;
    EXPECT_EQ(read.view->turns, 0) << json;
    EXPECT_EQ(read.view->text(), "") << json;
    EXPECT_EQ(read.view->choices, 1) << json;
    EXPECT_FALSE(read.view->max_tokens) << json;
    EXPECT_TRUE(read.view->metadata().empty()) << json;
    EXPECT_EQ(read.view->script(), Script::none) << json;
  }
}

TEST(ChatView, OfAConversationTheLastUserTurnCounts) {
  const Read read(R"({"model":"m","messages":[{"role":"user","content":"Write a Python function."},
    {"role":"assistant","content":"Sure."},{"role":"user","content":"thanks"},{"role":"assistant","content":"!"}]})");
  EXPECT_EQ(read.view->text(), "thanks");
  EXPECT_EQ(read.view->turns, 2);
}

TEST(ChatView, RolesAndLimitsInAnyOrder) {
  const Read read(R"({"model":"m","max_completion_tokens":5,"max_tokens":9,"messages":[
    {"content":"early","role":"user"},{"content":[{"type":"text","text":"late"}],"role":"user","name":"x"},
    {"content":"answer","role":"assistant"},{"content":"rules","role":"system"}]})");
  EXPECT_EQ(read.view->text(), "late");
  EXPECT_EQ(read.view->turns, 2);
  EXPECT_TRUE(read.view->system);
  EXPECT_EQ(read.view->max_tokens, 5);
  EXPECT_EQ(Read(R"({"model":"m","max_tokens":9,"max_completion_tokens":null})").view->max_tokens, 9);
  EXPECT_EQ(Read(R"({"model":"m","messages":[{"role":"user"}]})").view->text(), "");
}

// Whatever a text is made of.
TEST(ChatView, TokensAreBoundedByBytes) {
  for (const char* unit :
       {"é1", "a1", "1 ", "X\\t", "\\u00e9.", "。1", "1\\n", "a ", "aB", "#=", "  1", "\\ud800", "😀é", ""}) {
    std::string text;
    for (int i = 0; i < 300; ++i) text += unit;
    const std::string quoted = '"' + text + '"';
    for (const std::string& content :
         {quoted, "[" + quoted + "," + quoted + "]", R"([{"type":"text","text":)" + quoted + "}]"}) {
      const Read chat(R"({"model":"m","messages":[{"role":"user","content":)" + content + "}]}");
      EXPECT_LE(chat.view->tokens(), chat.view->tokens_most()) << unit;
      EXPECT_LE(chat.view->tokens_all(), chat.view->tokens_all_most()) << unit;
      const Read input(R"({"model":"m","input":)" + content + "}", Api::embeddings);
      EXPECT_LE(input.view->tokens(), input.view->tokens_most()) << unit;
    }
  }
  std::string nothing = "{}";
  for (int i = 0; i < 300; ++i) nothing += ",{}";
  for (const std::string& json :
       {R"({"model":"m","messages":[)" + nothing + "]}", R"({"model":"m","tools":[)" + nothing + "]}"}) {
    const Read read(json);
    EXPECT_LE(read.view->tokens_all(), read.view->tokens_all_most()) << json;
  }
}

}  // namespace
}  // namespace triage
