#include "openai/whole_answer.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace triage {
namespace {

using nlohmann::json;

constexpr std::string_view text =
    "data: "
    "{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\","
    "\"content\":\"Pa\"},\"finish_reason\":null}]}\n\n"
    "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"ris\"},\"finish_reason\":\"stop\"}]}\n\n"
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3}}\n\n";

TEST(WholeAnswer, OfTextsAndUsage) {
  for (const std::string& end : {std::string("data: [DONE]\n\n"), std::string()}) {
    const auto whole = whole_answer(std::string(text) + end);
    ASSERT_TRUE(whole);
    const json answer = json::parse(*whole);
    EXPECT_EQ(answer["object"], "chat.completion");
    EXPECT_EQ(answer["choices"].size(), 1U);
    EXPECT_EQ(answer["choices"][0]["message"], (json{{"role", "assistant"}, {"content", "Paris"}}));
    EXPECT_EQ(answer["choices"][0]["finish_reason"], "stop");
    EXPECT_EQ(answer["usage"]["prompt_tokens"], 3);
  }
}

TEST(WholeAnswer, OfCallsAndChoices) {
  const auto whole = whole_answer(
      "data: {\"choices\":[{\"index\":1,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"type\":\"function\","
      "\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"x\\\"\"}}]}}]}\n\n"
      "data: "
      "{\"choices\":[{\"index\":1,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\":1}\"}}]},"
      "\"finish_reason\":\"tool_calls\"},{\"index\":0,\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}\n\n");
  ASSERT_TRUE(whole);
  const json answer = json::parse(*whole);
  EXPECT_EQ(answer["choices"][0]["message"]["content"], "x");
  EXPECT_EQ(answer["choices"][1]["message"]["tool_calls"][0]["function"]["name"], "f");
  EXPECT_EQ(answer["choices"][1]["message"]["tool_calls"][0]["function"]["arguments"], "{\"x\":1}");
}

TEST(WholeAnswer, WhatIsNoneIsNothing) {
  for (const char* events : {"", "data: [DONE]\n\n", "data: {\"error\":{\"message\":\"no\"}}\n\n",
                             "data: {\"choices\":[{\"delta\":{\"content\":\"cut\"}}]}\n\n", "data: x\n\n"})
    EXPECT_FALSE(whole_answer(events)) << events;
}

}  // namespace
}  // namespace triage
