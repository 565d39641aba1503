#include "openai/own_quirks.hpp"

#include "openai/request_body.hpp"
#include "support/padded.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace triage::openai {
namespace {

using test::Padded;
using testing::ElementsAre;

Deployment deployment() {
  return {};
}

// What is sent of `text`.
std::string told(const std::string& text, const Deployment& target, std::vector<std::string>* dropped = nullptr) {
  const Padded body(text);
  const auto request = parse_request_body(Api::chat, body.view(), 64);
  EXPECT_TRUE(request) << text;
  OwnQuirks quirks = own_quirks(*request, target);
  std::ranges::stable_sort(quirks.edits, {}, [](const QuirkEdit& edit) { return edit.span.begin; });
  std::string out;
  std::size_t at = 0;
  for (const QuirkEdit& edit : quirks.edits) {
    EXPECT_GE(edit.span.begin, at) << "they overlap";
    out.append(text, at, edit.span.begin - at).append(edit.text);
    at = edit.span.end;
  }
  if (dropped != nullptr) *dropped = quirks.dropped;
  return out.append(text, at);
}

TEST(OwnQuirks, ChangeNothingWithoutARow) {
  const std::string body =
      R"({"model":"m","max_tokens":9,"temperature":0.2,"seed":1,"messages":[{"role":"user","content":"x"}]})";
  EXPECT_EQ(told(body, deployment()), body);
}

TEST(OwnQuirks, RenameTheLimitAndTheSeed) {
  Deployment target = deployment();
  target.quirks.limit = LimitWord::max_completion_tokens;
  target.quirks.seed = "random_seed";
  EXPECT_EQ(told(R"({ "max_tokens" : 9, "seed":1,"model":"auto","messages":[]})", target),
            R"({ "max_completion_tokens" : 9, "random_seed":1,"model":"auto","messages":[]})");
  EXPECT_EQ(told(R"({"model":"m","max_tokens":9,"max_completion_tokens":8,"messages":[]})", target),
            R"({"model":"m","max_completion_tokens":8,"messages":[]})");
  EXPECT_EQ(told(R"({"model":"m","max_tokens":null,"messages":[]})", target),
            R"({"model":"m","max_tokens":null,"messages":[]})");
  target.quirks.limit = LimitWord::max_tokens;
  EXPECT_EQ(told(R"({"model":"m","max_completion_tokens":9,"messages":[]})", target),
            R"({"model":"m","max_tokens":9,"messages":[]})");
}

TEST(OwnQuirks, LeaveOutWhatIsRefusedAndNameIt) {
  Deployment target = deployment();
  target.quirks.left_out = std::vector<std::string>{"user", "verbosity"};
  target.sampling = false;
  std::vector<std::string> dropped;
  EXPECT_EQ(
      told(R"({"user":"u","verbosity":"low","model":"m","top_p":0.5,"messages":[],"temperature":1})", target, &dropped),
      R"({"model":"m","messages":[]})");
  EXPECT_THAT(dropped, ElementsAre("user", "verbosity", "top_p", "temperature"));
  target.sampling.reset();
  target.quirks.sampling_with_thinking = false;
  EXPECT_EQ(told(R"({"model":"m","temperature":1,"messages":[]})", target),
            R"({"model":"m","temperature":1,"messages":[]})");
  EXPECT_EQ(told(R"({"model":"m","temperature":1,"reasoning_effort":"low","messages":[]})", target, &dropped),
            R"({"model":"m","reasoning_effort":"low","messages":[]})");
  EXPECT_THAT(dropped, ElementsAre("temperature"));
}

TEST(OwnQuirks, SayTheNearestEffort) {
  Deployment target = deployment();
  target.quirks.efforts = std::vector<std::string>{"none", "high"};
  EXPECT_EQ(told(R"({"model":"m","reasoning_effort":"xhigh","messages":[]})", target),
            R"({"model":"m","reasoning_effort":"high","messages":[]})");
  EXPECT_EQ(told(R"({"model":"m","reasoning_effort":"odd","messages":[]})", target),
            R"({"model":"m","reasoning_effort":"odd","messages":[]})");
}

// As Mistral takes conversations: ids of nine letters and digits, no user behind a tool, no late system message.
TEST(OwnQuirks, ShapeTheMessages) {
  Deployment target = deployment();
  target.quirks.call_ids = CallIds::nine;
  target.quirks.reply_to_results = true;
  target.quirks.later_system = LaterSystem::marked;
  const std::string body = R"({"model":"m","messages":[{"role":"system","content":"S"},{"role":"user","content":"q"},
      {"role":"assistant","content":null,"tool_calls":[{"id":"call_abc","type":"function","function":{"name":"f","arguments":"{}"}},
      {"id":"Ab3dE6gHi","type":"function","function":{"name":"f","arguments":"{}"}}]},
      {"role":"tool","tool_call_id":"call_abc","content":"r"},{"role":"tool","content":"r","tool_call_id":"Ab3dE6gHi"},
      {"role":"user","content":"and?"},{"content":"Be brief.","role":"system"}]})";
  const std::string sent = told(body, target);
  const std::size_t id = sent.find(R"("id":")") + 6;
  const std::string nine = sent.substr(id, 9);
  EXPECT_EQ(sent[id + 9], '"') << sent;
  std::string wanted = body;
  for (std::size_t at = 0; (at = wanted.find("call_abc")) != std::string::npos;) wanted.replace(at, 8, nine);
  wanted.replace(wanted.find(R"({"role":"user","content":"and?"})"), 0, R"({"role":"assistant","content":"OK."},)");
  wanted.replace(wanted.find(R"("Be brief.","role":"system")"), 27,
                 R"("<system>\nBe brief.\n</system>","role":"user")");
  EXPECT_EQ(sent, wanted);
  EXPECT_EQ(told(body, target), sent) << "the same in every turn";
}

}  // namespace
}  // namespace triage::openai
