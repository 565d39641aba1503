// Providers that say things in their own way: what is said is what happened.
#include "support/fake_ledger.hpp"
#include "unit/pipeline/gateway_fixture.hpp"

namespace triage::gateway_test {
namespace {

constexpr std::string_view config_of_one = R"(
providers:
  p: {base_url: "http://127.0.0.1:1/base/v1", api_key: sk-provider-secret}
deployments:
  cheap: {provider: p, price: {input: 1, output: 1}}
tiers: [small]
routes:
  chat: {match: {models: [auto]}, tiers: {small: [cheap]}, retry: {attempts: 1}}
)";

class OdditiesTest : public GatewayTest {
 protected:
  OdditiesTest() { use(std::string(config_of_one), &ledger_); }

  std::unique_ptr<FakeExchange> ask(Canned answer, bool stream = false, const std::string& more = "") {
    upstream_.sent.clear();
    ledger_.records.clear();
    live_state_.breaker("cheap", {}).with([](Breaker& breaker) { breaker = Breaker(); });  // it has rested
    upstream_.answers = {std::move(answer)};
    const std::string streamed = stream ? R"(,"stream":true)" : "";
    auto exchange = std::make_unique<FakeExchange>(
        "POST", "/v1/chat/completions",
        R"({"model":"auto","messages":[{"role":"user","content":"hi"}])" + streamed + more + "}");
    run(*exchange);
    EXPECT_EQ(ledger_.records.size(), 1U);
    return exchange;
  }
  static Canned body(const std::string& text, const std::string& type = "application/json") {
    Canned answer;
    answer.fields = {{"content-type", type}};
    answer.pieces = {text};
    return answer;
  }
  [[nodiscard]] const json& record() const { return ledger_.records.front(); }

  test::FakeLedger ledger_;
};

TEST_F(OdditiesTest, AnErrorInA200KeepsTheStatusThatItNames) {
  for (const int status : {400, 401, 402, 403, 429, 503})
    for (const bool streamed : {false, true}) {
      const std::string error = R"({"error":{"message":"no","code":)" + std::to_string(status) + "}}";
      const auto exchange = ask(streamed ? stream({"data: " + error + "\n\n", done}) : body(error), streamed);
      EXPECT_EQ(exchange->status(), status == 401 ? 502 : status) << streamed;  // the gateway's own key is at fault
      EXPECT_NE(exchange->body().find(status == 401 ? "upstream_refused_key" : "no"), std::string::npos);
      EXPECT_EQ(record()["outcome"], status == 400 ? "client_error" : "upstream_error") << status;
      EXPECT_EQ(record()["attempts"].size(), 1U);
    }
}

TEST_F(OdditiesTest, AnAnswerWithoutAChoiceIsAFailure) {
  for (const char* text : {"{}", R"({"detail":"no"})", R"({"choices":null})", R"({"object":"error","message":"boom"})",
                           R"({"object":"list","data":[]})", R"({"data":[1]})"}) {
    const auto exchange = ask(body(text));
    EXPECT_EQ(exchange->status(), 502) << text;
    EXPECT_EQ(record()["outcome"], "upstream_error") << text;
  }
}

TEST_F(OdditiesTest, AModelMayEndAtOnce) {
  const auto exchange = ask(whole(""));
  EXPECT_EQ(exchange->status(), 200);
  EXPECT_EQ(record()["outcome"], "ok");
  EXPECT_EQ(upstream_.sent.size(), 1U);
}

TEST_F(OdditiesTest, AStreamIsMadeOfAWholeAnswerWhereOneWasAskedFor) {
  Canned answer = body(
      R"({"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"Paris",)"
      R"("tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"stop"}],)"
      R"("usage":{"prompt_tokens":3,"completion_tokens":2}})");
  const auto exchange = ask(answer, true, R"(,"stream_options":{"include_usage":true})");
  EXPECT_EQ(exchange->field("content-type"), "text/event-stream; charset=utf-8");
  const std::string text = exchange->body();
  EXPECT_TRUE(text.ends_with(done));
  const json first = json::parse(text.substr(6, text.find("\n\n") - 6));
  EXPECT_EQ(first["object"], "chat.completion.chunk");
  EXPECT_EQ(first["choices"][0]["delta"]["content"], "Paris");
  EXPECT_EQ(first["choices"][0]["delta"]["tool_calls"][0]["index"], 0);
  EXPECT_NE(text.find(R"("finish_reason":"stop")"), std::string::npos);
  EXPECT_NE(text.find(R"("prompt_tokens":3)"), std::string::npos);
  EXPECT_EQ(record()["attempts"][0]["tokens"]["output"], 2);
}

TEST_F(OdditiesTest, AStreamIsOneUnderAnyContentType) {
  for (const char* type : {"application/json", "text/plain", ""}) {
    Canned answer = body(event("Paris") + event("", "stop") + done, type);
    if (*type == '\0') answer.fields.clear();
    const auto exchange = ask(answer, true);
    EXPECT_EQ(exchange->body(), event("Paris") + event("", "stop") + done) << type;
    EXPECT_EQ(record()["outcome"], "ok");
  }
}

TEST_F(OdditiesTest, NothingIsLostBehindAFinishReasonOnEveryChunk) {
  const auto exchange = ask(stream({event("a", "stop"), event("b", "stop"), event("c", "stop"), done}), true);
  EXPECT_EQ(exchange->body(), event("a", "stop") + event("b", "stop") + event("c", "stop") + done);
  EXPECT_EQ(record()["outcome"], "ok");
}

TEST_F(OdditiesTest, AStreamOfTwoChoicesIsNotWholeWithOne) {
  const auto exchange = ask(stream({event("a"), event("", "stop")}), true, R"(,"n":2)");
  EXPECT_EQ(exchange->body().find("[DONE]"), std::string::npos);
  EXPECT_EQ(record()["error"], "upstream_truncated");
}

TEST_F(OdditiesTest, RemarksBetweenEventsArePassedOver) {
  const auto exchange =
      ask(stream({"data: : keepalive\n\n", event("a"), "data: PING\n\n", event("", "stop"), done}), true);
  EXPECT_EQ(exchange->body(), event("a") + event("", "stop") + done);
}

TEST_F(OdditiesTest, AStreamWithoutAnAnswerIsAFailure) {
  for (const char* data : {R"({"detail":"x"})", "{}", R"({"choices":null,"base_resp":{"status_code":1002}})",
                           R"({"code":"Throttling.RateQuota","message":"slow"})", R"({"id":"c","choices":[]})"}) {
    const auto exchange = ask(stream({std::string("data: ") + data + "\n\n", done}), true);
    EXPECT_EQ(exchange->status(), 502) << data << " must leave room for another deployment";
    EXPECT_EQ(record()["outcome"], "upstream_error") << data;
  }
  const auto exchange = ask(stream({R"(data: {"choices":[{"delta":{"role":"assistant"}}]})"
                                    "\n\n",
                                    done}),
                            true);
  EXPECT_EQ(exchange->body().find("[DONE]"), std::string::npos);
  EXPECT_EQ(record()["outcome"], "upstream_error");
}

TEST_F(OdditiesTest, AnErrorEventAfterTextEndsTheStream) {
  for (const char* error :
       {"event:error\ndata: {\"message\":\"x\"}\n\n", "data: {\"message\":\"x\"}\nevent: error\n\n",
        "id: 7\nevent: error\ndata: {\"message\":\"x\"}\n\n", "data: {\"type\":\"error\",\"message\":\"o\"}\n\n"}) {
    const auto exchange = ask(stream({event("a"), error, done}), true);
    EXPECT_EQ(exchange->body().find("[DONE]"), std::string::npos) << error;
    EXPECT_EQ(record()["outcome"], "upstream_error") << error;
  }
}

TEST_F(OdditiesTest, WhatComesBeforeTheFirstChoiceTravelsWithIt) {
  const std::string before = "data: {\"choices\":[],\"prompt_filter_results\":[]}\n\n";
  const auto exchange = ask(stream({before, event("a"), event("", "stop"), done}), true);
  EXPECT_EQ(exchange->body(), before + event("a") + event("", "stop") + done);
  EXPECT_EQ(record()["outcome"], "ok");
}

TEST_F(OdditiesTest, HalfAToolCallBehindAnEndIsNoWholeAnswer) {
  const std::string piece =
      R"(data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{\"a\":"}}]}}]})"
      "\n\n";
  const auto exchange = ask(stream({event("a", "stop"), piece}), true);
  EXPECT_EQ(exchange->body().find("[DONE]"), std::string::npos);
  EXPECT_EQ(record()["error"], "upstream_truncated");
}

TEST_F(OdditiesTest, AWholeAnswerThatCallsItselfAStreamIsReadAsWhatItIs) {
  const auto exchange = ask(body(whole("Paris").pieces.front(), "text/event-stream"), true);
  EXPECT_NE(exchange->body().find("Paris"), std::string::npos);
  EXPECT_TRUE(exchange->body().ends_with(done));
  EXPECT_EQ(record()["outcome"], "ok");
}

TEST_F(OdditiesTest, AStreamForAClientThatAskedForNoneIsMadeWhole) {
  const auto exchange = ask(stream({event("Par"), event("is"), event("", "stop"), usage_event, done}));
  EXPECT_EQ(exchange->status(), 200);
  EXPECT_EQ(exchange->field("content-type"), "application/json");
  EXPECT_EQ(json::parse(exchange->body())["choices"][0]["message"]["content"], "Paris");
  EXPECT_EQ(record()["attempts"][0]["tokens"]["output"], 2);
  EXPECT_EQ(upstream_.sent.size(), 1U);
}

TEST_F(OdditiesTest, AStreamIsSentAsOne) {
  Canned answer = body(event("Paris") + event("", "stop") + done, "text/html");
  const auto exchange = ask(answer, true);
  EXPECT_EQ(exchange->field("content-type"), "text/event-stream; charset=utf-8");
}

TEST_F(OdditiesTest, AProvidersFieldsAreNotTakenForTheGateways) {
  Canned answer = whole("hi");
  answer.fields.insert(answer.fields.end(), {{"x-triage-route", "theirs"},
                                             {"x-triage-tier", "theirs"},
                                             {"x-triage-attempts", "theirs"},
                                             {"x-triage-dropped", "theirs"},
                                             {"access-control-allow-origin", "theirs"}});
  const auto exchange = ask(answer);
  EXPECT_EQ(exchange->field("x-triage-route"), "chat");
  EXPECT_EQ(exchange->field("x-triage-tier"), "small");
  EXPECT_EQ(exchange->field("x-triage-attempts"), "1");
  EXPECT_FALSE(exchange->field("x-triage-dropped"));
  EXPECT_FALSE(exchange->field("access-control-allow-origin"));
}

}  // namespace
}  // namespace triage::gateway_test
