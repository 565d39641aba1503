#include "openai/answer_edit.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace triage {
namespace {

using nlohmann::json;

constexpr std::size_t all = std::string::npos;

json chunk(const json& delta) {
  return {{"id", "c"}, {"choices", {{{"index", 0}, {"delta", delta}, {"finish_reason", nullptr}}}}};
}
std::string event(const json& value) {
  return "data: " + value.dump() + "\n\n";
}

std::string text_of(const std::string& events) {
  std::string out;
  for (std::size_t at = 0; (at = events.find("data: {", at)) != std::string::npos; ++at) {
    const json value = json::parse(events.substr(at + 6, events.find('\n', at) - at - 6));
    if (!value["choices"].empty()) out += value["choices"][0]["delta"].value("content", "");
  }
  return out;
}

TEST(AnswerEdit, CutsTheTextsEnd) {
  const json body{{"choices", {{{"index", 0}, {"message", {{"content", "Paris.\nConfidence: 1"}}}}}},
                  {"usage", {{"x", 1}}}};
  json expected = body;
  expected["choices"][0]["message"]["content"] = "Paris.";
  EXPECT_EQ(json::parse(edited_answer(body.dump(), {6})), expected);
  EXPECT_EQ(json::parse(edited_answer(body.dump(), {all})), body);
}

TEST(AnswerEdit, DropsLogprobsOfEveryChoiceAndTextOfTheFirst) {
  const json body{{"choices",
                   {{{"index", 0}, {"text", "abc"}, {"logprobs", {{"content", {1}}}}},
                    {{"index", 1}, {"text", "def"}, {"logprobs", {{"content", {2}}}}}}}};
  const json edited = json::parse(edited_answer(body.dump(), {1, true}));
  EXPECT_EQ(edited["choices"][0]["text"], "a");
  EXPECT_EQ(edited["choices"][1]["text"], "def");
  for (const json& choice : edited["choices"]) EXPECT_TRUE(choice["logprobs"].is_null());
}

TEST(AnswerEdit, NeverCutsACharacterInTwo) {
  const json body{{"choices", {{{"message", {{"content", "né"}}}}}}};
  EXPECT_EQ(json::parse(edited_answer(body.dump(), {2}))["choices"][0]["message"]["content"], "n");
}

TEST(AnswerEdit, CutsTextThatComesInParts) {
  const json body{{"choices", {{{"message", {{"content", {{{"type", "text"}, {"text", "ab"}}, {{"text", "cd"}}}}}}}}}};
  const json edited = json::parse(edited_answer(body.dump(), {3}))["choices"][0]["message"]["content"];
  EXPECT_EQ(edited[0]["text"], "ab");
  EXPECT_EQ(edited[1]["text"], "c");
}

TEST(AnswerEdit, WhatIsNoneOfOursStaysAsItIs) {
  for (const char* body : {"", "[1]", "not json", R"({"error":{"message":"x"}})", R"({"choices":7})"})
    EXPECT_EQ(edited_answer(body, {0, true}), body);
}

TEST(AnswerEdit, AStreamsTextIsCutAcrossItsEvents) {
  const std::string usage = event({{"choices", json::array()}, {"usage", {{"total_tokens", 5}}}});
  std::string events = event(chunk({{"role", "assistant"}, {"content", ""}}));
  for (const char* word : {"Paris", " it is.", "\nConf", "idence: 1"}) events += event(chunk({{"content", word}}));
  events += usage + "data: [DONE]\n\n";
  for (std::size_t kept = 0; kept <= 24; ++kept) {
    const std::string edited = edited_events(events, {kept});
    EXPECT_EQ(text_of(edited), std::string("Paris it is.\nConfidence: 1").substr(0, kept));
    EXPECT_TRUE(edited.ends_with("data: [DONE]\n\n"));
    EXPECT_NE(edited.find("total_tokens"), std::string::npos);
    EXPECT_NE(edited.find("\"role\":\"assistant\""), std::string::npos);
  }
}

TEST(AnswerEdit, AStreamsLogprobsGoAndItsFramingIsLf) {
  json with = chunk({{"content", "a"}});
  with["choices"][0]["logprobs"] = {{"content", {{{"logprob", -0.5}}}}};
  const std::string edited =
      edited_events(": note\r\n\r\ndata: " + with.dump() + "\r\n\r\ndata: [DONE]\r\n\r\n", {all, true});
  EXPECT_EQ(edited.find("-0.5"), std::string::npos);
  EXPECT_EQ(edited.find('\r'), std::string::npos);
  EXPECT_EQ(text_of(edited), "a");
  EXPECT_NE(edited.find("data: [DONE]\n\n"), std::string::npos);
}

TEST(AnswerEdit, AnEventOfBrokenJsonGoesOnAsItIs) {
  EXPECT_EQ(edited_events("data: {broken\n\ndata: [DONE]\n\n", {0, true}), "data: {broken\n\ndata: [DONE]\n\n");
}

}  // namespace
}  // namespace triage
