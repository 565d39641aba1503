#include "gateway_fixture.hpp"

namespace triage::gateway_test {
namespace {

TEST_F(GatewayTest, TheClientsBytesTravelWithOnlyTheModelChanged) {
  upstream_.answers.push_back(
      {.pieces = {
           R"({"id":"x","choices":[{"message":{"content":"hi"}}],"usage":{"prompt_tokens":7,"completion_tokens":5}})"}});
  const auto exchange = chat(R"({ "z":1.50, "model" : "auto","x":[1e400] })");
  EXPECT_EQ(exchange->status(), 200);
  EXPECT_EQ(exchange->body(),
            R"({"id":"x","choices":[{"message":{"content":"hi"}}],"usage":{"prompt_tokens":7,"completion_tokens":5}})");
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
  EXPECT_EQ(names(*get("/v1/models")),
            (std::vector<std::string>{"auto", "triage/chat", "triage/single", "triage/unrouted", "triage/files", "fast",
                                      "cheap", "dear"}));
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
  const auto exchange = chat(R"({"model":"single"})");
  EXPECT_EQ(exchange->status(), 429);
  EXPECT_EQ(code(*exchange), "rate_limit");
  EXPECT_EQ(exchange->field("retry-after"), "7");
  EXPECT_EQ(exchange->field("x-upstream-request-id"), "theirs");
  EXPECT_FALSE(exchange->field("x-leak"));
  EXPECT_FALSE(exchange->field("set-cookie"));

  live_state_.breaker("cheap", {}).with([](Breaker& breaker) { breaker = Breaker(); });  // it has rested
  Canned html;
  html.status = 503;
  html.fields = {{"content-type", "text/html"}};
  html.pieces = {"<h1>down</h1>"};
  upstream_.answers.push_back(html);
  const auto down = chat(R"({"model":"single","stream":true})");
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
    EXPECT_EQ(chat(R"({"model":"single"})")->status(), status);
  }
}

TEST_F(GatewayTest, AWholeAnswerThatIsCutIsAnError) {
  Canned cut;
  cut.pieces = {R"({"id":)"};
  cut.length_declared = false;
  cut.broken = Error{ErrorCode::upstream_truncated, "cut"};
  upstream_.answers.push_back(cut);
  EXPECT_EQ(chat(R"({"model":"single"})")->status(), 502);
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
}  // namespace triage::gateway_test
