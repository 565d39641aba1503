#include "openai/request_edit.hpp"

#include "support/padded.hpp"
#include "support/read_request.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace triage {
namespace {

using json = nlohmann::ordered_json;

std::string edited(const std::string& body, std::string_view instruction, bool logprobs, Api api = Api::chat) {
  const test::Padded padded(body);
  return edited_request(test::read_loosely(padded.view(), api), instruction, logprobs);
}

std::string roles(const std::string& body) {
  std::string out;
  const json request = json::parse(body);
  for (const json& message : request["messages"])
    out += message["role"].get<std::string>() + (message["content"] == "be sure" ? "! " : " ");
  return out;
}

std::string asked(const std::vector<std::string>& given) {
  json messages = json::array();
  for (const std::string& role : given) messages.push_back({{"role", role}, {"content", "x"}});
  return json{{"model", "m"}, {"messages", messages}, {"n", 2}}.dump();
}

TEST(RequestEdit, AnInstructionComesBehindTheLastSystemMessage) {
  EXPECT_EQ(roles(edited(asked({"user"}), "be sure", false)), "system! user ");
  EXPECT_EQ(roles(edited(asked({"system", "user"}), "be sure", false)), "system system! user ");
  EXPECT_EQ(roles(edited(asked({"developer", "user", "assistant", "user"}), "be sure", false)),
            "developer system! user assistant user ");
  EXPECT_EQ(roles(edited(asked({"user", "system", "user"}), "be sure", false)), "user system system! user ");
  EXPECT_EQ(roles(edited(asked({}), "be sure", false)), "system! ");
}

TEST(RequestEdit, LogprobsAreAskedForAndAllOtherBytesStay) {
  EXPECT_EQ(edited(R"({"model":"m" ,"logprobs" : null,"seed":12345678901234567890.50,"messages":[]})", "", true),
            R"({"model":"m" ,"logprobs" : true,"seed":12345678901234567890.50,"messages":[]})");
  EXPECT_EQ(edited(R"( {"x":{"logprobs":0,"b":"\u00e9"}, "messages":[]})", "", true),
            R"( {"logprobs":true,"x":{"logprobs":0,"b":"\u00e9"}, "messages":[]})");
  EXPECT_EQ(edited(R"({"a":1e400})", "", false), R"({"a":1e400})");
}

TEST(RequestEdit, BothAreFittedInWhicheverStandsFirst) {
  const std::string told = R"({"role":"system","content":"be \"sure\""})";
  EXPECT_EQ(edited(R"({"logprobs":false,"messages":[ {"role":"user"}]})", "be \"sure\"", true),
            R"({"logprobs":true,"messages":[)" + told + R"(, {"role":"user"}]})");
  EXPECT_EQ(edited(R"({"messages":[{"role":"system"} ,{"role":"user"}],"logprobs":false})", "be \"sure\"", true),
            R"({"messages":[{"role":"system"},)" + told + R"( ,{"role":"user"}],"logprobs":true})");
  EXPECT_EQ(edited(R"({"messages":[ ]})", "be \"sure\"", true), R"({"logprobs":true,"messages":[)" + told + " ]}");
}

TEST(RequestEdit, WhatCannotBeChangedGivesNothing) {
  EXPECT_EQ(edited(asked({"user"}), "be sure", true, Api::completions), "");
  EXPECT_EQ(edited("[]", "be sure", true), "");
  EXPECT_EQ(edited("not json", "be sure", true), "");
  EXPECT_EQ(edited(R"({"messages":7})", "be sure", false), "");
}

TEST(RequestEdit, OddMessagesAreLeftAlone) {
  const std::string body = R"({"messages":[1,{"role":7},{},{"role":"system","content":"x"}]})";
  const json messages = json::parse(edited(body, "be sure", false))["messages"];
  ASSERT_EQ(messages.size(), 5U);
  EXPECT_EQ(messages[4]["content"], "be sure");
}

std::string prefilled(const std::string& body, std::string_view text, Api api = Api::chat) {
  const test::Padded padded(body);
  return prefilled_request(test::read_loosely(padded.view(), api), text);
}

TEST(RequestEdit, WhatWasSentBecomesTheLastMessageAndAllOtherBytesStay) {
  EXPECT_EQ(
      prefilled(R"({"messages" : [ {"role":"user","content":"a]"} ] ,"seed":1.50e2})", "So \"far\"\n"),
      R"({"messages" : [ {"role":"user","content":"a]"},{"role":"assistant","content":"So \"far\"\n"} ] ,"seed":1.50e2})");
  EXPECT_EQ(
      prefilled(R"({"messages":[{"role":"assistant","content":"x"},{"role":"tool","content":"y"}]})", "z"),
      R"({"messages":[{"role":"assistant","content":"x"},{"role":"tool","content":"y"},{"role":"assistant","content":"z"}]})");
}

TEST(RequestEdit, NothingIsPutBehindTheAssistantsOwnLastMessage) {
  EXPECT_EQ(prefilled(R"({"messages":[{"role":"user","content":"x"},{"content":"So","role":"assist\u0061nt"}]})", "z"),
            "");
  for (const char* body : {R"({"messages":[]})", R"({"messages":"x"})", R"({})", R"([])", R"({"messages":[)"})
    EXPECT_EQ(prefilled(body, "z"), "") << body;
  EXPECT_EQ(prefilled(R"({"messages":[{"role":"user"}]})", "z", Api::completions), "");
}

}  // namespace
}  // namespace triage
