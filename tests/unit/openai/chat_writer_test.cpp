// What a provider that speaks chat completions is sent, in the words that its model takes.
#include "openai/chat_writer.hpp"

#include "support/padded.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <forward_list>

namespace triage::openai {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

JsonString spelled(std::string_view text) {
  static std::forward_list<test::Padded> texts;
  return {texts.emplace_front(text).view(), text.find('\\') != std::string_view::npos};
}

Block block(BlockKind kind, std::string_view text = {}) {
  Block out;
  out.kind = kind;
  out.text = spelled(text);
  return out;
}

Block call(std::string_view id) {
  Block out = block(BlockKind::call);
  out.id = spelled(id);
  out.name = spelled("f");
  out.arguments = "{}";
  return out;
}

Block result(std::string_view id, std::string_view text) {
  Block out = block(BlockKind::result);
  out.id = spelled(id);
  out.inner.push_back(block(BlockKind::text, text));
  return out;
}

BlockTool tool(std::string_view name) {
  BlockTool out;
  out.name = spelled(name);
  return out;
}

// A question, a thought and two calls, their results in two turns, and another question.
BlockRequest conversation() {
  BlockRequest out;
  out.system.push_back(block(BlockKind::text, "Be brief."));
  out.turns.push_back({Role::user, {block(BlockKind::text, "What?")}});
  out.turns.push_back({Role::assistant, {block(BlockKind::thought, "Hm"), call("toolu_1"), call("abcDEF012")}});
  Block image = block(BlockKind::image);
  image.media.url = spelled("https://example.com/a.png");
  Block first = result("toolu_1", "one");
  first.inner.push_back(image);
  out.turns.push_back({Role::user, {first}});
  out.turns.push_back({Role::user, {result("abcDEF012", "two"), block(BlockKind::text, "And?")}});
  return out;
}

json messages(const BlockRequest& request, const Quirks& quirks = {}) {
  Deployment deployment;
  deployment.quirks = quirks;
  return json::parse(write_chat_for(request, deployment, false).body)["messages"];
}

std::vector<std::string> roles(const json& messages) {
  std::vector<std::string> out;
  for (const json& each : messages) out.push_back(each["role"]);
  return out;
}

TEST(ChatMessages, ResultsOfOneTurnStandTogetherBehindTheirCalls) {
  const json said = messages(conversation());
  EXPECT_THAT(roles(said), ElementsAre("system", "user", "assistant", "tool", "tool", "user", "user"));
  EXPECT_EQ(said[3]["tool_call_id"], said[2]["tool_calls"][0]["id"]);
  EXPECT_EQ(said[5]["content"][0]["type"], "image_url");
  EXPECT_EQ(said[6]["content"], "And?");
  EXPECT_FALSE(said[2].contains("reasoning_content"));
}

TEST(ChatMessages, MistralsIdsHaveNineLettersAndDigitsAndItsUserNeverFollowsATool) {
  Quirks quirks;
  quirks.call_ids = CallIds::nine;
  quirks.reply_to_results = true;
  const json said = messages(conversation(), quirks);
  EXPECT_THAT(roles(said), ElementsAre("system", "user", "assistant", "tool", "tool", "assistant", "user", "user"));
  const std::string id = said[2]["tool_calls"][0]["id"];
  EXPECT_THAT(id, testing::MatchesRegex("[A-Za-z0-9]{9}"));
  EXPECT_EQ(id, messages(conversation(), quirks)[2]["tool_calls"][0]["id"]);
  EXPECT_EQ(said[3]["tool_call_id"], id);
  EXPECT_EQ(said[2]["tool_calls"][1]["id"], "abcDEF012");
}

TEST(ChatMessages, ThoughtsGoBackUnderTheModelsOwnWord) {
  Quirks quirks;
  quirks.sent_thoughts = SentThoughts::reasoning_content;
  EXPECT_EQ(messages(conversation(), quirks)[2]["reasoning_content"], "Hm");
  quirks.sent_thoughts = SentThoughts::reasoning;
  EXPECT_EQ(messages(conversation(), quirks)[2]["reasoning"], "Hm");
  quirks.sent_thoughts = SentThoughts::parts;
  EXPECT_EQ(messages(conversation(), quirks)[2]["content"],
            json::parse(R"([{"type":"thinking","thinking":[{"type":"text","text":"Hm"}]}])"));
}

TEST(ChatMessages, ALaterSystemMessageIsTheUsersWhereTheModelTakesNone) {
  BlockRequest request;
  request.turns.push_back({Role::user, {block(BlockKind::text, "Hi")}});
  request.turns.push_back({Role::system, {block(BlockKind::text, "Now French.")}});
  EXPECT_EQ(messages(request)[1], json::parse(R"({"role":"system","content":"Now French."})"));
  Quirks quirks;
  quirks.later_system = LaterSystem::marked;
  EXPECT_EQ(messages(request, quirks)[1],
            json::parse(R"({"role":"user","content":"<system>\nNow French.\n</system>"})"));
}

struct Asked {
  json body;
  std::vector<std::string> dropped;
};

Asked asked(const BlockRequest& request, const Deployment& deployment) {
  WrittenChat chat = write_chat_for(request, deployment, false);
  return {json::parse(chat.body), std::move(chat.dropped)};
}

TEST(ChatRequest, SamplingIsDroppedWhereTheModelRefusesIt) {
  BlockRequest request;
  request.temperature = "0.5";
  request.top_p = "0.9";
  request.seed = "7";
  Deployment deployment;
  EXPECT_EQ(asked(request, deployment).body["temperature"], 0.5);
  deployment.sampling = false;
  EXPECT_FALSE(asked(request, deployment).body.contains("temperature"));
  EXPECT_EQ(asked(request, deployment).body["seed"], 7);
  EXPECT_THAT(asked(request, deployment).dropped, ElementsAre("temperature", "top_p"));

  deployment.sampling = true;
  deployment.thinking = Thinking::adaptive;
  deployment.quirks.sampling_with_thinking = false;
  EXPECT_THAT(asked(request, deployment).dropped, IsEmpty());
  request.effort = Effort::high;
  EXPECT_THAT(asked(request, deployment).dropped, ElementsAre("temperature", "top_p"));
  request.effort = Effort::none;
  EXPECT_THAT(asked(request, deployment).dropped, IsEmpty());
}

TEST(ChatRequest, EffortIsSaidInTheServersWord) {
  BlockRequest request;
  request.effort = Effort::max;
  Deployment deployment;
  EXPECT_THAT(asked(request, deployment).dropped, ElementsAre("thinking"));
  deployment.thinking = Thinking::adaptive;
  EXPECT_EQ(asked(request, deployment).body["reasoning_effort"], "xhigh");
  deployment.quirks.efforts = std::vector<std::string>{"low", "high"};
  EXPECT_EQ(asked(request, deployment).body["reasoning_effort"], "high");
  deployment.quirks.effort = EffortWord::reasoning;
  EXPECT_EQ(asked(request, deployment).body["reasoning"], json::parse(R"({"effort":"high"})"));
  deployment.quirks.effort = EffortWord::thinking;
  EXPECT_EQ(asked(request, deployment).body["thinking"], json::parse(R"({"type":"enabled"})"));
  request.effort = Effort::none;
  EXPECT_EQ(asked(request, deployment).body["thinking"], json::parse(R"({"type":"disabled"})"));
  deployment.quirks.effort = EffortWord::reasoning_effort;
  EXPECT_THAT(asked(request, deployment).dropped, ElementsAre("thinking"));
  deployment.quirks.reasoning_format = "parsed";
  EXPECT_EQ(asked(request, deployment).body["reasoning_format"], "parsed");
}

TEST(ChatRequest, MembersAreNamedOrLeftOutAsTheServerWantsThem) {
  BlockRequest request;
  request.seed = "7";
  request.user = spelled("u");
  request.max_tokens = 9;
  Deployment deployment;
  deployment.quirks.seed = "random_seed";
  deployment.quirks.left_out = std::vector<std::string>{"user"};
  deployment.quirks.limit = LimitWord::max_completion_tokens;
  const Asked out = asked(request, deployment);
  EXPECT_EQ(out.body["random_seed"], 7);
  EXPECT_EQ(out.body["max_completion_tokens"], 9);
  EXPECT_FALSE(out.body.contains("user"));
  EXPECT_FALSE(out.body.contains("seed"));
  EXPECT_THAT(out.dropped, ElementsAre("user"));
}

TEST(ChatRequest, AChoiceIsSaidByTheToolsThatAreSent) {
  BlockRequest request;
  request.tools = {tool("f"), tool("g")};
  request.choice.kind = BlockChoice::Kind::named;
  request.choice.name = spelled("g");
  Deployment deployment;
  EXPECT_EQ(asked(request, deployment).body["tool_choice"]["function"]["name"], "g");
  EXPECT_EQ(asked(request, deployment).body["tools"].size(), 2U);
  deployment.quirks.tool_choices = std::vector{ChoiceWord::none, ChoiceWord::required};
  EXPECT_EQ(asked(request, deployment).body["tool_choice"], "required");
  ASSERT_EQ(asked(request, deployment).body["tools"].size(), 1U);
  EXPECT_EQ(asked(request, deployment).body["tools"][0]["function"]["name"], "g");
  request.choice.kind = BlockChoice::Kind::none;
  EXPECT_EQ(asked(request, deployment).body["tool_choice"], "none");
  deployment.quirks.tool_choices = std::vector{ChoiceWord::required, ChoiceWord::named};
  EXPECT_FALSE(asked(request, deployment).body.contains("tools"));
  EXPECT_FALSE(asked(request, deployment).body.contains("tool_choice"));
}

}  // namespace
}  // namespace triage::openai
