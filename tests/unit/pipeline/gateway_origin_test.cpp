// Signatures and thoughts in conversations that go from provider to provider, and what providers take otherwise.
#include "blocks/origin.hpp"
#include "support/fake_ledger.hpp"
#include "unit/pipeline/gateway_fixture.hpp"

namespace triage::gateway_test {
namespace {

constexpr std::string_view origin_config = R"(
providers:
  claude: {dialect: anthropic, base_url: "http://127.0.0.1:1"}
  other: {dialect: anthropic, base_url: "http://127.0.0.1:2"}
  chat: {base_url: "http://127.0.0.1:3/v1"}
  mistral: {dialect: mistral, base_url: "http://127.0.0.1:4/v1"}
  deepseek: {dialect: deepseek, base_url: "http://127.0.0.1:5/v1"}
  groq: {dialect: groq, base_url: "http://127.0.0.1:6/v1"}
deployments:
  sonnet: {provider: claude, model: claude-sonnet-4-5, price: {input: 1, output: 1}}
  opus: {provider: claude, model: claude-opus-4-5, price: {input: 1, output: 1}}
  twin: {provider: other, model: claude-sonnet-4-5, price: {input: 1, output: 1}}
  fable: {provider: claude, model: claude-fable-5, price: {input: 1, output: 1}}
  plain: {provider: chat, model: plain-1, price: {input: 1, output: 1}}
  large: {provider: mistral, model: mistral-large-latest, price: {input: 1, output: 1}}
  seek: {provider: deepseek, model: deepseek-chat, price: {input: 1, output: 1}}
  fast: {provider: groq, model: llama, price: {input: 1, output: 1}}
tiers: [small]
routes:
  r: {match: {models: [auto]}, tiers: {small: [sonnet]}}
  forced: {match: {models: [forced]}, tiers: {small: [fable, {deployment: sonnet, weight: 0}]}}
  again: {match: {models: [again]}, tiers: {small: [fast]}, retry: {attempts: 2, backoff: 1ms}}
)";

// What Claude says with a signed thought and a call.
Canned thinks_and_calls() {
  Canned answer;
  answer.pieces = {R"({"type":"message","id":"msg_1","role":"assistant","model":"claude","stop_reason":"tool_use",
      "stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1},"content":[
      {"type":"thinking","thinking":"Hm","signature":"EqQ+/w=="},{"type":"redacted_thinking","data":"opaque"},
      {"type":"tool_use","id":"toolu_1","name":"f","input":{"a": 1.0}}]})"};
  return answer;
}
Canned says_hi() {
  Canned answer;
  answer.pieces = {R"({"type":"message","id":"msg_2","role":"assistant","model":"claude","stop_reason":"end_turn",
      "usage":{"input_tokens":1,"output_tokens":1},"content":[{"type":"text","text":"hi"}]})"};
  return answer;
}

const json tool = json::parse(R"({"type":"function","function":{"name":"f","parameters":{"type":"object"}}})");
const json question = json::parse(R"({"role":"user","content":"What?"})");
const json result = json::parse(R"({"role":"tool","tool_call_id":"toolu_1","content":"one"})");

class OriginTest : public GatewayTest {
 protected:
  OriginTest() { use(std::string(origin_config), &ledger_); }

  std::unique_ptr<FakeExchange> post(const std::string& path, const json& body, std::vector<Canned> answers) {
    upstream_.sent.clear();
    upstream_.answers.assign(std::make_move_iterator(answers.begin()), std::make_move_iterator(answers.end()));
    auto exchange = std::make_unique<FakeExchange>("POST", path, body.dump());
    run(*exchange);
    return exchange;
  }
  std::unique_ptr<FakeExchange> chat(const std::string& model, const std::vector<json>& messages, Canned answer) {
    const json body{{"model", model}, {"messages", messages}, {"tools", {tool}}, {"reasoning_effort", "high"}};
    return post("/v1/chat/completions", body, {std::move(answer)});
  }
  // The assistant's message in the first answer of `sonnet`.
  json first_turn() {
    return json::parse(chat("sonnet", {question}, thinks_and_calls())->body())["choices"][0]["message"];
  }
  [[nodiscard]] json sent(std::size_t index = 0) const { return json::parse(upstream_.sent.at(index).body); }

  test::FakeLedger ledger_;
};

// A turn as a client sends it that keeps only what OpenAI's API has.
json without_extensions(json turn) {
  turn.erase("thinking_blocks");
  turn.erase("reasoning_content");
  return turn;
}

const json thoughts = json::parse(R"([{"type":"thinking","thinking":"Hm","signature":"EqQ+/w=="},
                                      {"type":"redacted_thinking","data":"opaque"}])");

TEST_F(OriginTest, AChatClientSeesMarksAndTheModelItsOwnThoughts) {
  const json turn = first_turn();
  ASSERT_EQ(turn["thinking_blocks"].size(), 2U);
  const std::string seen = turn["thinking_blocks"][0]["signature"];
  EXPECT_EQ(seen, marked("EqQ+/w==", origin_of(WireForm::anthropic, "claude", "claude-sonnet-4-5")));
  chat("sonnet", {question, turn, result}, says_hi());
  const json content = sent()["messages"][1]["content"];
  ASSERT_EQ(content.size(), 3U);
  EXPECT_EQ(content[0], thoughts[0]);
  EXPECT_EQ(content[1], thoughts[1]);
  EXPECT_EQ(sent()["thinking"]["type"], "enabled");
}

TEST_F(OriginTest, NoOtherModelIsSentThem) {
  const json turn = first_turn();
  for (const char* const other : {"opus", "twin"}) {
    const auto answered = chat(other, {question, turn, result}, says_hi());
    EXPECT_EQ(sent()["messages"][1]["content"].size(), 1U) << other;
    EXPECT_FALSE(sent().contains("thinking")) << "it would be refused without the thoughts";
    const std::string dropped(answered->field("x-triage-dropped").value_or(""));
    EXPECT_NE(dropped.find("signature"), std::string::npos) << dropped;
    EXPECT_NE(ledger_.records.back()["attempts"][0]["dropped"].get<std::string>().find("signature"), std::string::npos);
  }
  chat("plain", {question, turn, result}, good_answer());
  const json message = sent()["messages"][1];
  EXPECT_FALSE(message.contains("thinking_blocks"));
  EXPECT_FALSE(message.contains("reasoning_content"));
  EXPECT_EQ(message["tool_calls"], turn["tool_calls"]);
}

TEST_F(OriginTest, WhatAClientDropsIsPutBack) {
  const json turn = without_extensions(first_turn());
  chat("sonnet", {question, turn, result}, says_hi());
  const json content = sent()["messages"][1]["content"];
  ASSERT_EQ(content.size(), 3U);
  EXPECT_EQ(content[0], thoughts[0]);
  EXPECT_EQ(content[1], thoughts[1]);
  EXPECT_EQ(sent()["thinking"]["type"], "enabled");
  EXPECT_EQ(metric("triage_signatures_restored_total"), 1);
  chat("opus", {question, turn, result}, says_hi());
  EXPECT_EQ(sent()["messages"][1]["content"].size(), 1U);
  const json elsewhere{{"role", "user"}, {"content", "Something else"}};
  chat("sonnet", {elsewhere, turn, result}, says_hi());
  EXPECT_EQ(sent()["messages"][1]["content"].size(), 1U) << "another conversation with the same id";
}

TEST_F(OriginTest, AClientOfTheSameDialectIsSentWhatCameAndItsBytesArePassedOn) {
  const std::string body = R"({"model":"sonnet", "max_tokens":9,"messages":[{"role":"user","content":"What?"},
      {"role":"assistant","content":[{"type":"thinking","thinking":"Hm","signature":"EqQ"},{"type":"text","text":"x"}]},
      {"role":"user","content":"So?"}]})";
  upstream_.answers.push_back(thinks_and_calls());
  FakeExchange exchange("POST", "/v1/messages", body);
  run(exchange);
  EXPECT_EQ(json::parse(exchange.body())["content"][0]["signature"], "EqQ+/w==");
  std::string wanted = body;
  wanted.replace(wanted.find("\"sonnet\""), 8, "\"claude-sonnet-4-5\"");
  EXPECT_EQ(upstream_.sent.at(0).body, wanted);
}

TEST_F(OriginTest, AMarkOfElsewhereIsCutOutOfABodyThatIsPassedOn) {
  const std::string mark = marked("x", origin_of(WireForm::openai, "deepseek", "deepseek-chat"));
  json body = json::parse(R"({"model":"sonnet","max_tokens":9,"odd":1,"messages":[{"role":"user","content":"What?"},
      {"role":"assistant","content":[{"type":"thinking","thinking":"Hm"},{"type":"text","text":"x"}]},
      {"role":"user","content":"So?"}]})");
  body["messages"][1]["content"][0]["signature"] = mark;
  const auto answered = post("/v1/messages", body, {says_hi()});
  EXPECT_EQ(sent()["messages"][1]["content"], json::parse(R"([{"type":"text","text":"x"}])"));
  EXPECT_EQ(sent()["odd"], 1);
  EXPECT_EQ(answered->field("x-triage-dropped"), "signature");
}

TEST_F(OriginTest, ThoughtsArePutBackIntoABodyThatIsPassedOn) {
  const json asked = json::parse(R"({"model":"sonnet","max_tokens":9,"odd":1,"messages":[{"role":"user","content":"?"}],
      "tools":[{"name":"f","input_schema":{"type":"object"}}]})");
  const json content = json::parse(post("/v1/messages", asked, {thinks_and_calls()})->body())["content"];
  ASSERT_EQ(content.size(), 3U);
  json next = asked;
  next["messages"].push_back({{"role", "assistant"}, {"content", {content[2]}}});
  next["messages"].push_back(
      json::parse(R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"one"}]})"));
  post("/v1/messages", next, {says_hi()});
  EXPECT_EQ(sent()["messages"][1]["content"], content);
  EXPECT_EQ(sent()["odd"], 1);
  next["model"] = "opus";
  post("/v1/messages", next, {says_hi()});
  EXPECT_EQ(sent()["messages"][1]["content"].size(), 1U);
  next["model"] = "sonnet";
  next["messages"][1]["content"] = content;
  std::string wanted = next.dump();
  wanted.replace(wanted.find("\"sonnet\""), 8, "\"claude-sonnet-4-5\"");
  post("/v1/messages", next, {says_hi()});
  EXPECT_EQ(upstream_.sent.at(0).body, wanted) << "nothing is missing";
}

TEST_F(OriginTest, UnsignedThoughtsComeHomeWhereTheModelWantsThem) {
  const json asked = json::parse(R"({"model":"seek","max_tokens":9,"messages":[{"role":"user","content":"What?"}],
      "tools":[{"name":"f","input_schema":{"type":"object"}}]})");
  Canned thinks;
  thinks.pieces = {R"({"choices":[{"index":0,"message":{"role":"assistant","content":"","reasoning_content":"Hm",
      "tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},
      "finish_reason":"tool_calls"}],"usage":{"prompt_tokens":1,"completion_tokens":1}})"};
  const json content = json::parse(post("/v1/messages", asked, {std::move(thinks)})->body())["content"];
  ASSERT_EQ(content[0]["type"], "thinking");
  EXPECT_TRUE(holds_mark(content[0]["signature"].get<std::string>()));
  json next = asked;
  next["messages"].push_back({{"role", "assistant"}, {"content", content}});
  next["messages"].push_back(
      json::parse(R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"one"}]})"));
  post("/v1/messages", next, {good_answer()});
  EXPECT_EQ(sent()["messages"][1]["reasoning_content"], "Hm");
  next["model"] = "large";
  post("/v1/messages", next, {good_answer()});
  EXPECT_FALSE(sent()["messages"][1].contains("reasoning_content"));
  next["model"] = "sonnet";
  post("/v1/messages", next, {says_hi()});
  EXPECT_EQ(sent()["messages"][1]["content"].size(), 1U);
}

TEST_F(OriginTest, MistralGetsIdsAndTurnsThatItTakes) {
  const json asked = json::parse(R"({"model":"large","max_tokens":9,"messages":[{"role":"user","content":"What?"},
      {"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"f","input":{}}]},
      {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"one"},
       {"type":"text","text":"And?"}]}],"tools":[{"name":"f","input_schema":{"type":"object"}}]})");
  post("/v1/messages", asked, {good_answer()});
  const json messages = sent()["messages"];
  ASSERT_EQ(messages.size(), 5U);
  const std::string id = messages[1]["tool_calls"][0]["id"];
  EXPECT_EQ(id.size(), 9U);
  EXPECT_EQ(messages[2]["tool_call_id"], id);
  EXPECT_EQ(messages[3]["role"], "assistant");
  EXPECT_EQ(messages[4]["content"], "And?");
}

TEST_F(OriginTest, AModelThatRefusesAForcedCallIsNoCandidate) {
  json body{{"model", "forced"}, {"messages", {question}}, {"tools", {tool}}, {"tool_choice", "required"}};
  post("/v1/chat/completions", body, {says_hi()});
  ASSERT_EQ(upstream_.sent.size(), 1U);
  EXPECT_EQ(sent()["model"], "claude-sonnet-4-5");
  body["model"] = "fable";
  const auto refused = post("/v1/chat/completions", body, {});
  EXPECT_EQ(refused->status(), 400);
  EXPECT_EQ(code(*refused), "untranslatable");
  EXPECT_EQ(json::parse(refused->body())["error"]["param"], "tool_choice");
}

TEST_F(OriginTest, ACallThatTheModelWroteWronglyIsAskedForAgain) {
  Canned failed;
  failed.status = 400;
  failed.pieces = {R"({"error":{"message":"Failed to call a function.","type":"invalid_request_error",
                      "code":"tool_use_failed"}})"};
  const json body{{"model", "again"}, {"messages", {question}}, {"tools", {tool}}};
  EXPECT_EQ(post("/v1/chat/completions", body, {failed, good_answer()})->status(), 200);
  EXPECT_EQ(upstream_.sent.size(), 2U);
}

}  // namespace
}  // namespace triage::gateway_test
