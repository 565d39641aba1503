// The pipeline from end to end, between a fake client and a canned provider: no socket, no clock.
#include "pipeline/gateway.hpp"
#include "app/build_snapshot.hpp"
#include "base/loop.hpp"
#include "base/sha256.hpp"
#include "config/load.hpp"
#include "support/canned_upstream.hpp"
#include "support/fake_exchange.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace triage {
namespace {

using nlohmann::json;
using test::Canned;
using test::FakeExchange;

// @SECRET stands for its hash.
constexpr std::string_view config = R"(
keys:
  - {name: bound, sha256: "@secret-a", routes: [chat]}
  - {name: free, sha256: "@secret-b"}
providers:
  p: {base_url: "http://127.0.0.1:1/base/v1", api_key: sk-provider-secret, headers: {x-extra: extra-secret}}
deployments:
  cheap: {provider: p, model: cheap-model}
  dear: {provider: p, model: dear-model}
aliases: {fast: cheap}
tiers: [small, large]
routes:
  chat:
    match: {models: [auto, "gpt-*"]}
    tiers: {small: [cheap], large: [dear]}
    routers: [{fixed: {tier: small}}]
  unrouted:
    match: {models: ["o*"]}
    tiers: {small: [cheap], large: [dear]}
  files:
    match: {paths: ["/v1/files*"]}
    tiers: {large: [dear]}
)";

std::string event(const std::string& content, const char* finish = nullptr) {
  json delta = json::object();
  if (!content.empty()) delta["content"] = content;
  json chunk{{"id", "c"}, {"choices", {{{"index", 0}, {"delta", delta}, {"finish_reason", nullptr}}}}};
  if (finish != nullptr) chunk["choices"][0]["finish_reason"] = finish;
  return "data: " + chunk.dump() + "\n\n";
}
const std::string usage_event =
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}\n\n";
const std::string done = "data: [DONE]\n\n";

Canned stream(std::vector<std::string> pieces) {
  Canned answer;
  answer.fields = {{"content-type", "text/event-stream"}};
  answer.pieces = std::move(pieces);
  answer.length_declared = false;
  return answer;
}

class GatewayTest : public testing::Test {
 protected:
  GatewayTest() {
    Loaded loaded = load_text(config_text(), "test");
    for (const Diagnostic& diagnostic : loaded.diagnostics)
      if (diagnostic.severity == Diagnostic::error) ADD_FAILURE() << to_string(diagnostic);
    snapshot_ = build_snapshot(std::move(loaded.spec), loaded.version, metrics_);
    gateway_.emplace(loop_, upstream_, snapshot_);
  }

  static std::string config_text();

  void run(FakeExchange& exchange) {
    EXPECT_TRUE(test::run(*gateway_, exchange));
    for (const std::string& rule : exchange.misuse()) ADD_FAILURE() << rule;
    EXPECT_TRUE(exchange.finished() || exchange.aborted());
    for (const std::string_view secret : {"sk-provider-secret", "extra-secret"}) {
      EXPECT_EQ(exchange.body().find(secret), std::string::npos);
    }
  }

  std::unique_ptr<FakeExchange> chat(const std::string& body, const std::string& key = "secret-b",
                                     const std::string& path = "/v1/chat/completions") {
    auto exchange = std::make_unique<FakeExchange>(
        "POST", path, body, std::vector<test::OwnedField>{{"authorization", "Bearer " + key}, {"x-app", "1"}});
    run(*exchange);
    return exchange;
  }
  std::unique_ptr<FakeExchange> get(const std::string& path, const std::string& key = "secret-b") {
    auto exchange = std::make_unique<FakeExchange>("GET", path, "",
                                                   std::vector<test::OwnedField>{{"authorization", "Bearer " + key}});
    run(*exchange);
    return exchange;
  }

  static std::string code(const FakeExchange& exchange) {
    const json error = json::parse(exchange.body())["error"];
    for (const char* key : {"message", "type", "param", "code"}) EXPECT_TRUE(error.contains(key)) << key;
    return error["code"].is_null() ? "" : error["code"].get<std::string>();
  }

  [[nodiscard]] double metric(const std::string& sample) const {
    const std::string text = '\n' + metrics_.text();
    const auto at = text.find('\n' + sample + ' ');
    return at == std::string::npos ? -1 : std::stod(text.substr(at + sample.size() + 2));
  }

  Metrics metrics_;
  Loop loop_{0};
  test::CannedUpstream upstream_;
  std::shared_ptr<const Snapshot> snapshot_;
  std::optional<Gateway> gateway_;
};

std::string hex_of(std::string_view secret) {
  std::string out;
  for (const std::uint8_t byte : sha256(secret)) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

std::string GatewayTest::config_text() {
  std::string text(config);
  for (const std::string_view secret : {"secret-a", "secret-b"}) {
    const std::string placeholder = '@' + std::string(secret);
    text.replace(text.find(placeholder), placeholder.size(), hex_of(secret));
  }
  return text;
}

TEST_F(GatewayTest, TheClientsBytesTravelWithOnlyTheModelChanged) {
  upstream_.answers.push_back(
      {.pieces = {R"({"id":"x","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":5}})"}});
  const auto exchange = chat(R"({ "z":1.50, "model" : "auto","x":[1e400] })");
  EXPECT_EQ(exchange->status(), 200);
  EXPECT_EQ(exchange->body(), R"({"id":"x","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":5}})");
  ASSERT_EQ(upstream_.sent.size(), 1U);
  EXPECT_EQ(upstream_.sent[0].target, "/base/v1/chat/completions");
  EXPECT_EQ(upstream_.sent[0].body, R"({ "z":1.50, "model" : "cheap-model","x":[1e400] })");
  EXPECT_EQ(upstream_.sent[0].field("authorization"), "Bearer sk-provider-secret");
  EXPECT_EQ(upstream_.sent[0].field("x-extra"), "extra-secret");
  EXPECT_EQ(upstream_.sent[0].field("x-app"), "1");
  EXPECT_EQ(exchange->field("x-triage-route"), "chat");
  EXPECT_EQ(exchange->field("x-triage-tier"), "small");
  EXPECT_EQ(exchange->field("x-triage-deployment"), "cheap");
  EXPECT_EQ(exchange->field("x-triage-router"), "fixed");
  EXPECT_EQ(exchange->field("x-triage-attempts"), "1");
  EXPECT_EQ(metric(R"(triage_requests_total{route="chat",outcome="ok"})"), 1);
  EXPECT_EQ(metric(R"(triage_tokens_total{deployment="cheap",kind="input"})"), 7);
  EXPECT_EQ(metric(R"(triage_tokens_total{deployment="cheap",kind="output"})"), 5);
}

TEST_F(GatewayTest, ModelsResolveByNameAliasRouteAndGlob) {
  const std::vector<std::pair<std::string, std::string>> expected{
      {"auto", "cheap-model"}, {"gpt-4o", "cheap-model"}, {"triage/chat", "cheap-model"},   {"dear", "dear-model"},
      {"fast", "cheap-model"}, {"o1", "dear-model"},      {"triage/unrouted", "dear-model"}};
  for (const auto& [model, sent] : expected) {
    const auto exchange = chat("{\"model\":\"" + model + "\"}");
    EXPECT_EQ(exchange->status(), 200) << model;
    EXPECT_EQ(json::parse(upstream_.sent.back().body)["model"], sent) << model;
  }
  const auto unknown = chat(R"({"model":"nobody"})");
  EXPECT_EQ(unknown->status(), 404);
  EXPECT_EQ(code(*unknown), "model_not_found");
}

TEST_F(GatewayTest, KeysDecideWhoMayWhat) {
  EXPECT_EQ(chat(R"({"model":"auto"})", "wrong")->status(), 401);
  EXPECT_EQ(chat(R"({"model":"auto"})", "secret-a")->status(), 200);
  EXPECT_EQ(chat(R"({"model":"triage/unrouted"})", "secret-a")->status(), 403);
  EXPECT_EQ(chat(R"({"model":"dear"})", "secret-a")->status(), 403);
  EXPECT_EQ(get("/v1/files", "secret-a")->status(), 403);
  FakeExchange nobody("POST", "/v1/chat/completions", R"({"model":"auto"})");
  run(nobody);
  EXPECT_EQ(nobody.status(), 401);
  EXPECT_EQ(code(nobody), "invalid_api_key");
  EXPECT_EQ(upstream_.sent.size(), 1U);
}

TEST_F(GatewayTest, TheListOfModelsIsWhatTheKeyMayUse) {
  const auto names = [](const FakeExchange& exchange) {
    std::vector<std::string> out;
    const json answer = json::parse(exchange.body());
    for (const json& model : answer["data"]) out.push_back(model["id"]);
    return out;
  };
  EXPECT_EQ(names(*get("/v1/models")), (std::vector<std::string>{"auto", "triage/chat", "triage/unrouted",
                                                                 "triage/files", "fast", "cheap", "dear"}));
  EXPECT_EQ(names(*get("/v1/models", "secret-a")), (std::vector<std::string>{"auto", "triage/chat"}));
  EXPECT_EQ(json::parse(get("/v1/models/triage%2Fchat")->body())["id"], "triage/chat");
  EXPECT_EQ(get("/v1/models/dear", "secret-a")->status(), 404);
}

TEST_F(GatewayTest, BadBodiesNeverReachAProvider) {
  for (const std::string body : {R"({"model":"auto")", R"({"model":"auto","model":"dear"})", R"([])", R"({})",
                                 "{\"model\":\"auto\",\"x\":\"\xff\"}", R"({"model":"auto"} x)", R"({"model":7})"}) {
    const auto exchange = chat(body);
    EXPECT_EQ(exchange->status(), 400) << body;
    code(*exchange);
  }
  EXPECT_EQ(chat(R"({"model":"auto","x":)" + std::string(65, '[') + std::string(65, ']') + "}")->status(), 400);
  EXPECT_EQ(metric(R"(triage_limit_hits_total{listener="gateway",limit="body_depth"})"), 1);
  EXPECT_TRUE(upstream_.sent.empty());
}

TEST_F(GatewayTest, PathsAndMethods) {
  EXPECT_EQ(get("/v1/chat/completions")->status(), 405);
  EXPECT_EQ(get("/nothing")->status(), 404);
  EXPECT_EQ(get("/v1/unknown")->status(), 404);
  EXPECT_EQ(get("/v1/files/../models")->status(), 404);
  EXPECT_EQ(get("/v1/files/%2E%2e/x")->status(), 404);
  EXPECT_TRUE(upstream_.sent.empty());
}

TEST_F(GatewayTest, AStreamIsRelayedEventByEventAndUsageIsOurs) {
  upstream_.answers.push_back(stream({event("a"), event("b") + event("c"), event("", "stop"), usage_event, done}));
  const auto exchange = chat(R"({"model":"auto","stream":true})");
  EXPECT_EQ(json::parse(upstream_.sent[0].body)["stream_options"]["include_usage"], true);
  EXPECT_EQ(exchange->writes(),
            (std::vector<std::string>{event("a"), event("b") + event("c"), event("", "stop"), done}));
  EXPECT_TRUE(exchange->finished() && exchange->kept_alive());
  EXPECT_EQ(metric(R"(triage_tokens_total{deployment="cheap",kind="input"})"), 3);
}

TEST_F(GatewayTest, UsageThatWasAskedForIsSentOn) {
  upstream_.answers.push_back(stream({event("a", "stop"), usage_event, done}));
  const auto exchange = chat(R"({"model":"auto","stream":true,"stream_options":{"include_usage":true}})");
  EXPECT_EQ(exchange->body(), event("a", "stop") + usage_event + done);
}

TEST_F(GatewayTest, AWholeAnswerWithoutDoneIsFinished) {
  upstream_.answers.push_back(stream({event("a"), event("", "stop")}));
  EXPECT_EQ(chat(R"({"model":"auto","stream":true})")->body(), event("a") + event("", "stop") + done);
  Canned cut = stream({event("a"), event("", "stop")});
  cut.broken = Error{ErrorCode::upstream_truncated, "cut"};
  upstream_.answers.push_back(cut);
  EXPECT_EQ(chat(R"({"model":"auto","stream":true})")->body(), event("a") + event("", "stop") + done);
}

TEST_F(GatewayTest, ACutAnswerNeverLooksWhole) {
  const auto expect_error = [&](Canned answer, const std::string& before, const std::string& code) {
    upstream_.answers.push_back(std::move(answer));
    const auto exchange = chat(R"({"model":"auto","stream":true})");
    const std::string body = exchange->body();
    ASSERT_TRUE(body.starts_with(before + "data: {\"error\":")) << body;
    EXPECT_EQ(body.find("[DONE]"), std::string::npos);
    EXPECT_EQ(json::parse(body.substr(before.size() + 6))["error"]["code"], code);
    EXPECT_TRUE(exchange->finished());
  };
  expect_error(stream({event("a")}), event("a"), "upstream_truncated");
  expect_error(stream({event("a"), event("b").substr(0, 20)}), event("a"), "upstream_bad_response");
  expect_error(stream({event("a"), "data: {broken\n\n", event("b"), done}), event("a"), "upstream_bad_response");
  expect_error(stream({event("a") + R"(data: {"error":{"message":"overloaded sk-provider-secret"}})"
                                    "\n\n"}),
               event("a"), "upstream_error");
  Canned stalled = stream({event("a")});
  stalled.broken = Error{ErrorCode::upstream_idle_timeout, "silence"};
  expect_error(stalled, event("a"), "upstream_idle_timeout");
  EXPECT_EQ(metric(R"(triage_requests_total{route="chat",outcome="upstream_error"})"), 5);
}

TEST_F(GatewayTest, AStreamCutAtAnyByteReadsTheSame) {
  const std::string all = event("h\xc3\xa9llo") + ": comment\n\n" + event("w") + event("", "stop") + usage_event + done;
  const std::string expected = event("h\xc3\xa9llo") + event("w") + event("", "stop") + done;
  for (std::size_t cut = 1; cut < all.size(); ++cut) {
    upstream_.answers.push_back(stream({all.substr(0, cut), all.substr(cut)}));
    ASSERT_EQ(chat(R"({"model":"auto","stream":true})")->body(), expected) << cut;
  }
}

TEST_F(GatewayTest, AProvidersErrorKeepsItsStatusAndLosesItsSecrets) {
  Canned limited;
  limited.status = 429;
  limited.fields = {{"content-type", "application/json"},
                    {"retry-after", "7"},
                    {"x-leak", "sk-provider-secret"},
                    {"set-cookie", "a=b"},
                    {"x-request-id", "theirs"}};
  limited.pieces = {
      R"({"error":{"message":"slow down, sk-provider-secret","type":"t","param":null,"code":"rate_limit"}})"};
  upstream_.answers.push_back(limited);
  const auto exchange = chat(R"({"model":"auto"})");
  EXPECT_EQ(exchange->status(), 429);
  EXPECT_EQ(code(*exchange), "rate_limit");
  EXPECT_EQ(exchange->field("retry-after"), "7");
  EXPECT_EQ(exchange->field("x-upstream-request-id"), "theirs");
  EXPECT_FALSE(exchange->field("x-leak"));
  EXPECT_FALSE(exchange->field("set-cookie"));

  Canned html;
  html.status = 503;
  html.fields = {{"content-type", "text/html"}};
  html.pieces = {"<h1>down</h1>"};
  upstream_.answers.push_back(html);
  const auto down = chat(R"({"model":"auto","stream":true})");
  EXPECT_EQ(down->status(), 503);
  EXPECT_EQ(down->field("retry-after"), "1");
  EXPECT_EQ(down->field("content-type"), "application/json");
  code(*down);
}

TEST_F(GatewayTest, FailuresOfTheWayOutAreGatewayStatuses) {
  for (const auto& [error, status] : {std::pair{ErrorCode::upstream_unreachable, 502},
                                      {ErrorCode::upstream_connect_timeout, 504},
                                      {ErrorCode::upstream_first_byte_timeout, 504}}) {
    Canned refused;
    refused.refused = Error{error, "why"};
    upstream_.answers.push_back(refused);
    EXPECT_EQ(chat(R"({"model":"auto"})")->status(), status);
  }
}

TEST_F(GatewayTest, AWholeAnswerThatIsCutIsAnError) {
  Canned cut;
  cut.pieces = {R"({"id":)"};
  cut.length_declared = false;
  cut.broken = Error{ErrorCode::upstream_truncated, "cut"};
  upstream_.answers.push_back(cut);
  EXPECT_EQ(chat(R"({"model":"auto"})")->status(), 502);
}

TEST_F(GatewayTest, AClientThatLeavesIsCountedAsCancelled) {
  upstream_.answers.push_back(stream({event("a"), event("b"), event("", "stop"), done}));
  FakeExchange exchange("POST", "/v1/chat/completions", R"({"model":"auto","stream":true})",
                        {{"authorization", "Bearer secret-b"}});
  exchange.leave_after(2);
  run(exchange);
  EXPECT_TRUE(exchange.aborted());
  EXPECT_EQ(metric(R"(triage_requests_total{route="chat",outcome="cancelled"})"), 1);
}

TEST_F(GatewayTest, OtherPathsPassThroughByteForByte) {
  Canned binary;
  binary.fields = {{"content-type", "audio/mpeg"}};
  binary.pieces = {std::string("\0\1\2", 3), "rest"};
  upstream_.answers.push_back(binary);
  const auto exchange = chat("--boundary\r\nnot json", "secret-b", "/v1/files?purpose=x");
  EXPECT_EQ(exchange->body(), std::string("\0\1\2rest", 7));
  EXPECT_EQ(exchange->length(), 7U);
  EXPECT_EQ(upstream_.sent[0].target, "/base/v1/files?purpose=x");
  EXPECT_EQ(upstream_.sent[0].body, "--boundary\r\nnot json");
  EXPECT_EQ(upstream_.sent[0].field("authorization"), "Bearer sk-provider-secret");

  binary.broken = Error{ErrorCode::upstream_truncated, "cut"};
  binary.length_declared = false;
  upstream_.answers.push_back(binary);
  EXPECT_TRUE(chat("x", "secret-b", "/v1/files")->aborted());
}

}  // namespace
}  // namespace triage
