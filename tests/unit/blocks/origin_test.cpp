#include "blocks/origin.hpp"

#include "blocks/own_body.hpp"
#include "support/padded.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace triage {
namespace {

using test::Padded;

const Origin claude = origin_of(WireForm::anthropic, "anthropic", "claude-sonnet-4-5");
const Origin gemini = origin_of(WireForm::gemini, "google", "gemini-3-pro");

// As google-genai does it: bytes in the model, the URL alphabet in JSON.
std::string in_url_alphabet(std::string text) {
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

TEST(Origin, DiffersByFormProviderAndModel) {
  EXPECT_EQ(claude, origin_of(WireForm::anthropic, "anthropic", "claude-sonnet-4-5"));
  EXPECT_NE(claude, origin_of(WireForm::anthropic, "anthropic", "claude-opus-4-5"));
  EXPECT_NE(claude, origin_of(WireForm::anthropic, "anthropic2", "claude-sonnet-4-5"));
  EXPECT_NE(claude, origin_of(WireForm::bedrock, "anthropic", "claude-sonnet-4-5"));
  EXPECT_NE(origin_of(WireForm::openai, "a", "bc"), origin_of(WireForm::openai, "ab", "c"));
}

TEST(Origin, MarkedStringsComeBackAsTheyWere) {
  for (const std::string& text :
       {std::string(""), std::string("EqQBCkYIBRgC"), std::string("ab+/"), std::string("ab-_"), std::string("YQ=="),
        std::string("YR=="), std::string("YWI="), std::string("abc"), std::string("+-AA"), std::string("===="),
        std::string("sig \"1\"\n\xc3\xa9"), std::string("skip_thought_signature_validator"),
        std::string("\0\xff", 2)}) {
    const std::string sent = marked(text, claude);
    EXPECT_EQ(sent.size() % 4, 0U) << sent;
    EXPECT_EQ(sent.find_first_of("\"\\\n "), std::string::npos) << sent;
    EXPECT_TRUE(holds_mark(R"({"signature":")" + sent + "\"}"));
    for (const std::string& came : {sent, in_url_alphabet(sent)}) {
      const auto back = unmarked(came);
      ASSERT_TRUE(back) << came;
      EXPECT_EQ(back->text, text) << came;
      EXPECT_EQ(back->origin, claude);
    }
  }
}

TEST(Origin, WhatHasNoMarkIsLeftAlone) {
  EXPECT_FALSE(unmarked(""));
  EXPECT_FALSE(unmarked("EqQBCkYIBRgCKkD"));
  EXPECT_FALSE(unmarked("tRiAge"));
  EXPECT_FALSE(unmarked("tRiAgexsabcdefgh"));
  EXPECT_FALSE(unmarked("tRiAgeaxabcdefgh"));
  EXPECT_FALSE(holds_mark("triage"));
  EXPECT_FALSE(holds_mark("R RRR tRiAg"));
  EXPECT_FALSE(holds_mark("RiAge"));
  EXPECT_TRUE(holds_mark("RRRtRRtRiAge"));
}

std::string cut(const std::string& body, const Origin& reader, std::string_view unsigned_calls = {}) {
  const Padded padded(body);
  const auto out = own_body(padded.view(), reader, unsigned_calls);
  return out ? out->text : "as it was";
}

TEST(OwnBody, LeavesABodyWithoutMarksAlone) {
  EXPECT_EQ(cut(R"({"messages":[{"role":"user","content":"tRiAge is a text"}]})", claude), "as it was");
  EXPECT_EQ(cut(R"({"messages":[{"role":"assistant","content":[{"type":"thinking","signature":"Eq"}]}]})", claude),
            "as it was");
}

TEST(OwnBody, CutsForeignThoughtsOutOfMessages) {
  const std::string mark = marked("c2ln", gemini);
  EXPECT_EQ(cut(R"({ "a" : 1.0e2, "messages":[{"role":"user","content":"x"},{"role":"assistant","content":[ )"
                R"({"type":"thinking","thinking":"t","signature":")" +
                    mark + R"("} , {"type":"text","text":"\u0041"}]}]})",
                claude),
            R"({ "a" : 1.0e2, "messages":[{"role":"user","content":"x"},{"role":"assistant","content":[ )"
            R"({"type":"text","text":"\u0041"}]}]})");
  EXPECT_EQ(cut(R"({"messages":[{"role":"assistant","content":[{"type":"text","text":"a"}, )"
                R"({"type":"redacted_thinking","data":")" +
                    mark + R"("}, {"type":"tool_use","id":"i","name":"n","input":{}}]}]})",
                claude),
            R"({"messages":[{"role":"assistant","content":[{"type":"text","text":"a"}, )"
            R"({"type":"tool_use","id":"i","name":"n","input":{}}]}]})");
}

TEST(OwnBody, ATurnOfForeignThoughtsAloneGoesWhole) {
  const std::string thought = R"({"type":"thinking","thinking":"t","signature":")" + marked("c2ln", gemini) + "\"}";
  EXPECT_EQ(cut(R"({"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[)" + thought + "," +
                    thought + R"(]},{"role":"user","content":"y"}]})",
                claude),
            R"({"messages":[{"role":"user","content":"x"},{"role":"user","content":"y"}]})");
}

TEST(OwnBody, CutsAnthropicsThoughtsWithoutASignature) {
  for (const std::string& thought : {std::string(R"({"type":"thinking","thinking":"t","signature":""})"),
                                     std::string(R"({"signature": "","thinking":"t","type":"thinking"})")}) {
    EXPECT_EQ(cut(R"({"messages":[{"role":"assistant","content":[)" + thought +
                      R"(,{"type":"thinking","thinking":"","signature":"Eq"},{"type":"text","text":"a"}]}]})",
                  claude),
              R"({"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"","signature":"Eq"},)"
              R"({"type":"text","text":"a"}]}]})");
  }
  EXPECT_EQ(cut(R"({"messages":[{"type":"thinking","signature":""}]})", gemini), "as it was");
  EXPECT_EQ(cut(R"({"tools":[{"name":"x","signature":""}]})", claude), "as it was");
}

TEST(OwnBody, OwnMarksComeOff) {
  EXPECT_EQ(cut(R"({"content":[{"type":"thinking","signature":")" + marked("a\"b", claude) + R"("}]})", claude),
            R"({"content":[{"type":"thinking","signature":"a\"b"}]})");
}

TEST(OwnBody, CutsWhatChatClientsSendBack) {
  const std::string thought = R"({"type":"thinking","thinking":"t","signature":")" + marked("c2ln", claude) + "\"}";
  EXPECT_EQ(cut(R"({"messages":[{"role":"assistant","reasoning_content":"t","content":"a","thinking_blocks":[)" +
                    thought + R"(],"tool_calls":[{"id":"1","extra_content":{"google":{"thought_signature":")" +
                    marked("c2ln", gemini) + R"("}},"type":"function"}]}]})",
                origin_of(WireForm::openai, "openai", "gpt-5")),
            R"({"messages":[{"role":"assistant","content":"a","tool_calls":[{"id":"1","type":"function"}]}]})");
}

TEST(OwnBody, CutsReasoningItemsOfResponses) {
  EXPECT_EQ(cut(R"({"input":[{"type":"message"},{"type":"reasoning","id":"rs","encrypted_content":")" +
                    marked("c2ln", claude) + R"("},{"type":"function_call"}]})",
                origin_of(WireForm::responses, "openai", "gpt-5")),
            R"({"input":[{"type":"message"},{"type":"function_call"}]})");
}

TEST(OwnBody, GeminisPartsLoseTheirSignaturesAndThoughtsGo) {
  const std::string mark = marked("c2ln", claude);
  const std::string body = R"({"contents":[{"role":"model","parts":[{"text":"t","thoughtSignature":")" + mark +
                           R"(","thought":true},{"functionCall":{"name":"f","args":{}},"thought_signature":")" + mark +
                           R"("},{"thoughtSignature":")" + mark + R"(","text":"a"}]}]})";
  EXPECT_EQ(cut(body, gemini),
            R"({"contents":[{"role":"model","parts":[{"functionCall":{"name":"f","args":{}}},{"text":"a"}]}]})");
  EXPECT_EQ(cut(body, gemini, "skip_thought_signature_validator"),
            R"({"contents":[{"role":"model","parts":[{"functionCall":{"name":"f","args":{}},)"
            R"("thought_signature":"skip_thought_signature_validator"},{"text":"a"}]}]})");
}

TEST(OwnBody, GeminisFirstCallOfATurnIsSigned) {
  const std::string body = R"({"contents":[{"role":"model","parts":[{"text":"a"},{"functionCall":{"name":"f"}},)"
                           R"({"functionCall":{"name":"g"}}]},{"parts":[{"functionCall":{"name":"f"},)"
                           R"("thoughtSignature":"c2ln"},{"functionCall":{"name":"g"}}]}]})";
  EXPECT_EQ(cut(body, gemini), "as it was");
  EXPECT_EQ(cut(body, claude, "skip"), "as it was");
  EXPECT_EQ(cut(body, gemini, "skip"),
            R"({"contents":[{"role":"model","parts":[{"text":"a"},{"thoughtSignature":"skip","functionCall":)"
            R"({"name":"f"}},{"functionCall":{"name":"g"}}]},{"parts":[{"functionCall":{"name":"f"},)"
            R"("thoughtSignature":"c2ln"},{"functionCall":{"name":"g"}}]}]})");
}

}  // namespace
}  // namespace triage
