// Which deployment a request reaches: what it needs, whose conversation it belongs to, what its route matches.
#include "unit/pipeline/gateway_fixture.hpp"

namespace triage::gateway_test {
namespace {

constexpr std::string_view choice_config = R"(
keys:
  - {name: bound, sha256: "@secret-a", may: []}
  - {name: free, sha256: "@secret-b"}
providers:
  p: {base_url: "http://127.0.0.1:1/base/v1", api_key: sk-provider-secret, headers: {x-extra: extra-secret}}
deployments:
  cheap: {provider: p, model: cheap-model, context_window: 200, capabilities: []}
  dear: {provider: p, model: dear-model, capabilities: [tools]}
routes:
  vip:
    match: {models: [auto], headers: {x-app: "vip-*"}}
    tiers: {large: [dear]}
  batch:
    match: {metadata: {kind: batch}}
    tiers: {small: [cheap]}
  mine:
    match: {models: [mine], keys: [bound]}
    tiers: {small: [cheap]}
  chat:
    match: {models: [auto]}
    tiers: {small: [cheap], large: [dear]}
    retry: {attempts: 1}
    routers:
      - heuristic: {rules: [{name: hard, when: {keywords: [prove]}, tier: large}]}
      - fixed: {tier: small}
)";

class ChoiceTest : public GatewayTest {
 protected:
  ChoiceTest() {
    std::string text(choice_config);
    for (const std::string_view secret : {"secret-a", "secret-b"}) {
      const std::string placeholder = '@' + std::string(secret);
      text.replace(text.find(placeholder), placeholder.size(), hex_of(secret));
    }
    use(std::move(text));
  }

  // The deployment that answers `body`, or the error's code.
  std::string asked(const json& body, std::vector<test::OwnedField> fields = {}, const std::string& key = "secret-b") {
    upstream_.answers.push_back(good_answer());
    fields.push_back({"authorization", "Bearer " + key});
    FakeExchange exchange("POST", "/v1/chat/completions", body.dump(), std::move(fields));
    run(exchange);
    upstream_.answers.clear();
    const auto deployment = exchange.field("x-triage-deployment");
    return deployment ? std::string(*deployment) : code(exchange);
  }
  static json ask(const std::vector<std::string>& turns) {
    json messages = json::array();
    for (std::size_t i = 0; i < turns.size(); ++i)
      messages.push_back({{"role", i % 2 == 0 ? "user" : "assistant"}, {"content", turns[i]}});
    return {{"model", "auto"}, {"messages", messages}};
  }
};

TEST_F(ChoiceTest, WhatTheCheapOneCannotTakeGoesToTheDearOne) {
  EXPECT_EQ(asked(ask({"hi"})), "cheap");
  json with_tools = ask({"hi"});
  with_tools["tools"] = {{{"type", "function"}, {"function", {{"name", "f"}}}}};
  EXPECT_EQ(asked(with_tools), "dear");
  EXPECT_EQ(asked(ask({std::string(4000, 'a') + " b c"})), "dear");
  json long_answer = ask({"hi"});
  long_answer["max_tokens"] = 300;
  EXPECT_EQ(asked(long_answer), "dear");
}

TEST_F(ChoiceTest, WhatNobodyCanTakeIsRefusedAndNobodyIsAsked) {
  json picture = ask({"hi"});
  picture["messages"][0]["content"] = {{{"type", "image_url"}, {"image_url", {{"url", "data:,x"}}}}};
  EXPECT_EQ(asked(picture), "capability_missing");
  picture["model"] = "dear";
  EXPECT_EQ(asked(picture), "capability_missing");
  EXPECT_TRUE(upstream_.sent.empty());
}

TEST_F(ChoiceTest, AConversationDoesNotFallToACheaperTier) {
  EXPECT_EQ(asked(ask({"prove it"})), "dear");
  EXPECT_EQ(asked(ask({"prove it", "done", "thanks"})), "dear") << "by its opening";
  EXPECT_EQ(asked(ask({"hello", "done", "thanks"})), "cheap") << "another conversation";
  EXPECT_EQ(asked(ask({"hello", "done", "prove it"})), "dear") << "it may rise";
  EXPECT_EQ(asked(ask({"hello", "done", "prove it", "q.e.d.", "thanks"})), "dear");
}

TEST_F(ChoiceTest, AConversationLeavesATierThatIsDead) {
  const json talk = ask({"prove it", "done", "thanks"});
  const auto held = [&] { return asked(ask({"prove it"})); };
  EXPECT_EQ(held(), "dear");
  const auto answer = [&](const json& body) -> std::string {
    upstream_.sent.clear();
    const auto exchange = chat(body.dump());
    EXPECT_EQ(exchange->status(), 200);
    return std::string(exchange->field("x-triage-deployment").value_or(""));
  };
  upstream_.answers = {failing(500)};
  EXPECT_EQ(answer(talk), "cheap");
  EXPECT_EQ(json::parse(upstream_.sent.front().body)["model"], "dear-model") << "it is asked first";
  EXPECT_EQ(answer(talk), "cheap") << "where it was answered last";
  EXPECT_EQ(held(), "dear");
  for (int i = 0; i < 5; ++i)  // ejected
    snapshot_->deployments.at("dear").breaker->with([](Breaker& breaker) { breaker.failed(Breaker::Clock::now()); });
  EXPECT_EQ(answer(talk), "cheap");
  EXPECT_EQ(upstream_.sent.size(), 1U) << "nobody else is asked";
  snapshot_->deployments.at("dear").breaker->with([](Breaker& breaker) { breaker = Breaker(); });
  EXPECT_EQ(held(), "dear");
  snapshot_->deployments.at("dear").breaker->with(
      [](Breaker& breaker) { breaker.rest(Breaker::Clock::now(), std::chrono::seconds(60)); });
  EXPECT_EQ(answer(talk), "cheap") << "resting";
  EXPECT_EQ(upstream_.sent.size(), 1U);
}

TEST_F(ChoiceTest, TheClientMayNameItsConversation) {
  EXPECT_EQ(asked(ask({"prove it"}), {{"x-triage-session", "s1"}}), "dear");
  EXPECT_EQ(asked(ask({"hi"}), {{"x-triage-session", "s1"}}), "dear");
  EXPECT_EQ(asked(ask({"hi"}), {{"x-triage-session", "s2"}}), "cheap");
  EXPECT_EQ(asked(ask({"hi"}), {{"x-triage-session", "s1"}}, "secret-a"), "cheap") << "another key's";
  EXPECT_EQ(asked(ask({"prove it"}), {{"x-triage-session", "s3"}}, "secret-a"), "dear");
  EXPECT_EQ(asked(ask({"hi"}), {{"x-triage-session", "s3"}}, "secret-a"), "cheap") << "the key may not";
}

TEST_F(ChoiceTest, RoutesMatchHeadersKeysAndMetadata) {
  json body = ask({"hi"});
  EXPECT_EQ(asked(body, {{"x-app", "vip-7"}}), "dear");
  EXPECT_EQ(asked(body, {{"x-app", "other"}}), "cheap");
  body["metadata"] = {{"kind", "batch"}};
  body["model"] = "anything";
  EXPECT_EQ(asked(body), "cheap");
  body["metadata"] = {{"kind", "live"}};
  EXPECT_EQ(asked(body), "model_not_found");
  body["model"] = "mine";
  EXPECT_EQ(asked(body, {}, "secret-a"), "cheap");
  EXPECT_EQ(asked(body, {}, "secret-b"), "model_not_found");
}

}  // namespace
}  // namespace triage::gateway_test
