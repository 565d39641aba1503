// What the gateway asks for and the client does not, and a provider that does not take it.
#include "support/fake_ledger.hpp"
#include "unit/pipeline/gateway_fixture.hpp"

#include <algorithm>

namespace triage::gateway_test {
namespace {

constexpr std::string_view refusal_config = R"(
providers:
  p: {base_url: "http://127.0.0.1:1/v1"}
deployments:
  cheap: {provider: p, model: cheap-model, price: {input: 1, output: 1}}
  dear: {provider: p, model: dear-model, price: {input: 3, output: 3}}
  told: {provider: p, model: told-model, refuses: [stream_options, logprobs]}
tiers: [small, large]
routes:
  straight: {match: {models: [auto]}, tiers: {small: [cheap], large: [dear]}, @common}
  told: {match: {models: [said]}, tiers: {small: [told], large: [dear]}, @common, cascade: {verify: {logprob: {at_least: 0.5}}}}
  sure: {match: {models: [sure]}, tiers: {small: [cheap], large: [dear]}, @common, cascade: {verify: {logprob: {at_least: 0.5}}}}
  own: {match: {models: [own]}, tiers: {small: [cheap], large: [dear]}, @common, cascade: {verify: {self: {at_least: 0.5}}}}
  judged: {match: {models: [judged]}, tiers: {small: [cheap], large: [dear]}, @common, cascade: {verify: {llm: {deployment: dear}}}}
)";
constexpr std::string_view common = "routers: [{fixed: {tier: small}}], retry: {attempts: 1}, sticky: 0s";

Canned refuses(int status, const std::string& words) {
  Canned answer;
  answer.status = status;
  answer.pieces = {words};
  return answer;
}
Canned streamed() {
  return stream({event("Paris", "stop"), usage_event, done});
}

class RefusalTest : public GatewayTest {
 protected:
  RefusalTest() { use(std::string(refusal_config), &ledger_, common); }

  std::unique_ptr<FakeExchange> ask(const std::string& model, bool stream, const json& more = json::object()) {
    upstream_.sent.clear();
    json body{{"model", model}, {"stream", stream}, {"messages", {{{"role", "user"}, {"content", "Where?"}}}}};
    body.update(more);
    auto exchange = std::make_unique<FakeExchange>("POST", "/v1/chat/completions", body.dump());
    run(*exchange);
    upstream_.answers.clear();
    return exchange;
  }
  [[nodiscard]] std::vector<bool> sent_with(const char* member) const {
    std::vector<bool> out;
    for (const auto& sent : upstream_.sent) out.push_back(json::parse(sent.body).contains(member));
    return out;
  }
  void forget() { *snapshot_->deployments.at("cheap").refused = 0; }

  test::FakeLedger ledger_;
};
using Sent = std::vector<bool>;

TEST_F(RefusalTest, UsageIsNotAskedForWhereItIsRefusedInWhateverWords) {
  const std::vector<Canned> words{
      refuses(400, R"({"error":{"message":"Unrecognized request argument supplied: stream_options","code":null}})"),
      refuses(422, R"({"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are )"
                   R"(not permitted","input":{"include_usage":true}}]})"),
      refuses(400,
              R"({"object":"error","message":"[{'type': 'extra_forbidden', 'loc': ('body', 'stream_options')}]"})"),
      refuses(422, "Failed to deserialize the JSON body into the target type: unknown field `stream_options`"),
      refuses(400, "Extra inputs are not permitted"),
      refuses(400, R"({"message":"invalid request: unknown field"})"),
      refuses(400, R"({"error":{"message":"Unknown parameter: 'stream_options.include_usage'."}})"),
      refuses(500, "create() got an unexpected keyword argument 'stream_options'"),
      refuses(501, R"({"error":"stream_options is not implemented"})"),
  };
  for (const Canned& refusal : words) {
    forget();
    upstream_.answers = {refusal, streamed()};
    const auto first = ask("auto", true);
    EXPECT_EQ(first->status(), 200) << refusal.pieces[0];
    EXPECT_EQ(first->field("x-triage-deployment"), "cheap");
    EXPECT_EQ(sent_with("stream_options"), (Sent{true, false})) << refusal.pieces[0];
    const json attempts = ledger_.records.back()["attempts"];
    ASSERT_EQ(attempts.size(), 2U);
    EXPECT_EQ(attempts[0]["cost_nano_usd"], 0);
    EXPECT_EQ(attempts[1]["cause"], "retry");
    upstream_.answers = {streamed()};
    EXPECT_EQ(ask("auto", true)->status(), 200);
    EXPECT_EQ(sent_with("stream_options"), Sent{false}) << "remembered";
  }
  EXPECT_EQ(metric(R"(triage_attempts_total{deployment="cheap",outcome="upstream_error"})"), 0);
}

TEST_F(RefusalTest, WhatTheClientSentIsItsOwnAffair) {
  const Canned refusal =
      refuses(400, R"({"error":{"message":"Unrecognized request argument supplied: stream_options"}})");
  upstream_.answers = {refusal};
  EXPECT_EQ(ask("auto", true, {{"stream_options", {{"include_usage", true}}}})->status(), 400);
  EXPECT_EQ(upstream_.sent.size(), 1U);
  upstream_.answers = {refusal, refusal};
  EXPECT_EQ(ask("auto", true, {{"stream_options", {{"include_obfuscation", false}}}})->status(), 400);
  EXPECT_EQ(upstream_.sent.size(), 2U);
  EXPECT_EQ(json::parse(upstream_.sent[1].body)["stream_options"], json({{"include_obfuscation", false}}));
  upstream_.answers = {streamed()};
  ask("auto", true);
  EXPECT_EQ(sent_with("stream_options"), Sent{true}) << "nothing was learnt from that";
}

TEST_F(RefusalTest, AnotherFaultOfTheRequestIsNotAskedTwice) {
  for (const char* const words :
       {R"({"error":{"message":"Your request was rejected by our safety system","code":"content_filter"}})",
        R"({"error":{"message":"Invalid value for 'messages[0].role'"}})"}) {
    upstream_.answers = {refuses(400, words)};
    EXPECT_EQ(ask("auto", true)->status(), 400);
    EXPECT_EQ(upstream_.sent.size(), 1U);
  }
}

TEST_F(RefusalTest, AGuessThatDoesNotHelpIsForgotten) {
  const Canned unknown = refuses(400, R"({"error":{"message":"Unknown parameter: 'foo'."}})");
  upstream_.answers = {unknown, unknown};
  EXPECT_EQ(ask("auto", true, {{"foo", 1}})->status(), 400);
  upstream_.answers = {streamed()};
  ask("auto", true);
  EXPECT_EQ(sent_with("stream_options"), Sent{true});
}

TEST_F(RefusalTest, LogProbabilitiesOfAVerifier) {
  upstream_.answers = {refuses(400, R"({"error":{"message":"This model does not support logprobs."}})"),
                       whole("Paris")};
  const auto answer = ask("sure", false);
  EXPECT_EQ(answer->status(), 200);
  EXPECT_EQ(sent_with("logprobs"), (Sent{true, false, false})) << "without a score the dear one is asked, straight";
  ask("sure", false);
  EXPECT_EQ(sent_with("logprobs"), (Sent{false, false}));
  upstream_.answers = {streamed(), streamed()};
  ask("said", true);
  EXPECT_EQ(sent_with("logprobs"), (Sent{false, false})) << "the configuration says so";
  EXPECT_EQ(sent_with("stream_options"), (Sent{false, true}));
}

TEST_F(RefusalTest, AVerifiersInstruction) {
  for (const char* const words :
       {R"({"error":{"message":"System role not supported"}})",
        "Conversation roles must alternate user/assistant/user/assistant/...",
        R"([{"error":{"message":"Developer instruction is not enabled for models/gemma-3"}}])"}) {
    forget();
    upstream_.answers = {refuses(400, words), whole("Paris")};
    EXPECT_EQ(ask("own", false)->status(), 200);
    ASSERT_EQ(upstream_.sent.size(), 3U) << "without a score the dear one is asked";
    EXPECT_EQ(json::parse(upstream_.sent[0].body)["messages"].size(), 2U);
    EXPECT_EQ(json::parse(upstream_.sent[1].body)["messages"].size(), 1U);
    ask("own", false);
    EXPECT_EQ(json::parse(upstream_.sent[0].body)["messages"].size(), 1U) << "remembered";
  }
}

TEST_F(RefusalTest, OneAfterTheOther) {
  upstream_.answers = {refuses(400, "logprobs: not permitted"), refuses(400, "stream_options: not permitted"),
                       streamed()};
  EXPECT_EQ(ask("sure", true)->status(), 200);
  EXPECT_EQ(upstream_.sent[0].body.find("cheap-model") != std::string::npos, true);
  EXPECT_EQ(json::parse(upstream_.sent[2].body)["model"], "cheap-model");
  EXPECT_FALSE(json::parse(upstream_.sent[2].body).contains("logprobs"));
  EXPECT_FALSE(json::parse(upstream_.sent[2].body).contains("stream_options"));
}

TEST_F(RefusalTest, HowAQuestionIsToBeAnswered) {
  const auto verdict = whole(R"({"score":90,"reason":"fine"})");
  upstream_.answers = {whole("Paris"),
                       refuses(400, "Unsupported parameter: 'max_tokens' is not supported with this model."),
                       refuses(400, "Unsupported value: 'temperature' does not support 0 with this model."), verdict};
  EXPECT_EQ(ask("judged", false)->status(), 200);
  ASSERT_GE(upstream_.sent.size(), 4U);
  const json last = json::parse(upstream_.sent[3].body);
  EXPECT_EQ(last["model"], "dear-model");
  EXPECT_FALSE(last.contains("max_tokens"));
  EXPECT_FALSE(last.contains("temperature"));
  EXPECT_TRUE(last.contains("response_format"));
  upstream_.answers = {whole("Paris"), verdict};
  ask("judged", false);
  EXPECT_FALSE(json::parse(upstream_.sent[1].body).contains("max_tokens"));
}

TEST_F(RefusalTest, AReloadForgetsNothing) {
  upstream_.answers = {refuses(400, "stream_options?"), streamed()};
  ask("auto", true);
  use(std::string(refusal_config), &ledger_, common);
  upstream_.answers = {streamed()};
  ask("auto", true);
  EXPECT_EQ(sent_with("stream_options"), Sent{false});
}

}  // namespace
}  // namespace triage::gateway_test
