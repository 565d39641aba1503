// What the ledger gets of each request: one record, with every attempt and what it cost.
#include "support/fake_ledger.hpp"
#include "unit/pipeline/gateway_fixture.hpp"

namespace triage::gateway_test {
namespace {

constexpr std::string_view priced_config = R"(
providers:
  p: {base_url: "http://127.0.0.1:1/base/v1"}
deployments:
  cheap: {provider: p, model: cheap-model, price: {input: 0.2, output: 0.8}}
  dear: {provider: p, model: dear-model, price: {input: 2, output: 8, input_cached: 1}}
  odd: {provider: p, model: nobody-knows-it}
routes:
  chat:
    match: {models: [auto]}
    tiers: {small: [cheap], large: [dear]}
    routers:
      - heuristic: {rules: [{name: hard, when: {keywords: [prove]}, tier: large, class: math}]}
      - fixed: {tier: small}
    retry: {attempts: 2, backoff: 1ms}  # drawn below it, in whole milliseconds: no pause
  files: {match: {paths: ["/v1/files*"]}, tiers: {small: [cheap]}}
)";

class RecordTest : public GatewayTest {
 protected:
  RecordTest() { use(std::string(priced_config), &ledger_); }

  // The one record of a request with this body.
  json record_of(const std::string& body, const std::string& path = "/v1/chat/completions",
                 const std::string& method = "POST") {
    ledger_.records.clear();
    FakeExchange exchange(method, path, body);
    run(exchange);
    EXPECT_EQ(ledger_.records.size(), 1U);
    return ledger_.records.empty() ? json() : ledger_.records.front();
  }
  static Canned with_usage(int input, int output, int cached = 0) {
    Canned answer;
    answer.pieces = {json{{"choices", {{{"message", {{"content", "hi"}}}, {"finish_reason", "stop"}}}},
                          {"usage",
                           {{"prompt_tokens", input},
                            {"completion_tokens", output},
                            {"prompt_tokens_details", {{"cached_tokens", cached}}}}}}
                         .dump()};
    return answer;
  }

  test::FakeLedger ledger_;
};

TEST_F(RecordTest, AnAnswerWithItsUsageAndBothCosts) {
  upstream_.answers = {with_usage(1000, 100, 400)};
  const json record = record_of(R"({"model":"auto","messages":[{"role":"user","content":"hello"}]})");
  EXPECT_EQ(record["route"], "chat");
  EXPECT_EQ(record["model_requested"], "auto");
  EXPECT_EQ(record["tier"], "small");
  EXPECT_EQ(record["outcome"], "ok");
  EXPECT_EQ(record["status"], 200);
  EXPECT_EQ(record["finish_reason"], "stop");
  EXPECT_EQ(record["config_version"], snapshot_->version);
  EXPECT_EQ(record["chain"].size(), 2U);
  EXPECT_EQ(record["chain"][0]["router"], "heuristic");
  EXPECT_TRUE(record["chain"][0]["tier"].is_null());
  ASSERT_EQ(record["attempts"].size(), 1U);
  const json& attempt = record["attempts"][0];
  EXPECT_EQ(attempt["deployment"], "cheap");
  EXPECT_EQ(attempt["purpose"], "answer");
  EXPECT_EQ(attempt["usage_source"], "reported");
  EXPECT_EQ(attempt["end"], "completed");
  EXPECT_EQ(attempt["tokens"]["input_cached"], 400);
  EXPECT_EQ(record["cost_nano_usd"], 1000 * 200 + 100 * 800);
  EXPECT_EQ(record["frontier_cost_nano_usd"], 600 * 2000 + 400 * 1000 + 100 * 8000);
}

TEST_F(RecordTest, TheIdOfTheAnswerIsThatWhichTheClientHas) {
  const auto with_id = [](const std::string& id) {
    Canned answer;
    answer.pieces = {R"({"id":)" + id + R"(,"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]})"};
    return answer;
  };
  const std::string body = R"({"model":"auto","messages":[{"role":"user","content":"hello"}]})";
  for (const auto& [spelled, id] : std::vector<std::pair<std::string, json>>{{R"("chatcmpl-1")", "chatcmpl-1"},
                                                                             {R"("a\u0062")", "ab"},
                                                                             {R"("")", nullptr},
                                                                             {"17", nullptr},
                                                                             {"null", nullptr}}) {
    upstream_.answers = {with_id(spelled)};
    const json record = record_of(body);
    EXPECT_EQ(record.value("completion_id", json()), id) << spelled;
  }
  upstream_.answers = {stream({event("hello"), event("", "stop"), done})};
  EXPECT_EQ(record_of(R"({"model":"auto","stream":true,"messages":[{"role":"user","content":"hi"}]})")["completion_id"],
            "c");
  upstream_.answers = {failing(400)};
  EXPECT_FALSE(record_of(body).contains("completion_id")) << "the client has an error";
}

TEST_F(RecordTest, EveryAttemptIsThereAndFailedOnesCostNothing) {
  Canned down;
  down.status = 500;
  upstream_.answers = {down, down, with_usage(10, 1)};
  const json record = record_of(R"({"model":"auto"})");
  ASSERT_EQ(record["attempts"].size(), 3U);
  EXPECT_EQ(record["attempts"][0]["cause"], "first");
  EXPECT_EQ(record["attempts"][1]["cause"], "retry");
  EXPECT_EQ(record["attempts"][2]["cause"], "fallback");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(record["attempts"][i]["status"], 500);
    EXPECT_EQ(record["attempts"][i]["end"], "failed");
    EXPECT_EQ(record["attempts"][i]["error"], "upstream_error");
    EXPECT_EQ(record["attempts"][i]["usage_source"], "none");
    EXPECT_EQ(record["attempts"][i]["cost_nano_usd"], 0);
  }
  EXPECT_EQ(record["attempts"][2]["deployment"], "dear");
  EXPECT_EQ(record["tier"], "large");
  EXPECT_EQ(record["cost_nano_usd"], 10 * 2000 + 8000);
}

TEST_F(RecordTest, AStreamReportsItsUsageOrIsEstimated) {
  upstream_.answers = {stream({event("hello", "stop"), usage_event, done})};
  json record = record_of(R"({"model":"auto","stream":true,"messages":[{"role":"user","content":"prove"}]})");
  EXPECT_EQ(record["streamed"], true);
  EXPECT_EQ(record["class"], "math");
  EXPECT_EQ(record["attempts"][0]["usage_source"], "reported");
  EXPECT_EQ(record["cost_nano_usd"], 3 * 2000 + 2 * 8000);
  upstream_.answers = {stream({event("one two three four five six", "length"), done})};
  record = record_of(R"({"model":"auto","stream":true,"messages":[{"role":"user","content":"count for me"}]})");
  EXPECT_EQ(record["attempts"][0]["usage_source"], "estimated");
  EXPECT_NEAR(record["attempts"][0]["tokens"]["output"].get<double>(), 6, 2);
  EXPECT_GT(record["attempts"][0]["tokens"]["input"], 2);
  EXPECT_EQ(record["finish_reason"], "length");
  EXPECT_EQ(record["signals"]["truncated"], true);
}

TEST_F(RecordTest, ACutStreamIsBilledForWhatItBrought) {
  Canned cut = stream({event("one two three four")});
  cut.broken = Error{ErrorCode::upstream_truncated, "cut"};
  upstream_.answers = {cut};
  const json record = record_of(R"({"model":"auto","stream":true,"messages":[{"role":"user","content":"hi"}]})");
  EXPECT_EQ(record["outcome"], "upstream_error");
  EXPECT_EQ(record["error"], "upstream_truncated");
  EXPECT_EQ(record["attempts"][0]["end"], "truncated");
  EXPECT_EQ(record["attempts"][0]["usage_source"], "estimated");
  EXPECT_GT(record["attempts"][0]["cost_nano_usd"], 0);
}

TEST_F(RecordTest, AnUnknownPriceIsNullAndCounted) {
  upstream_.answers = {with_usage(10, 1)};
  const json record = record_of(R"({"model":"odd"})");
  EXPECT_TRUE(record["cost_nano_usd"].is_null());
  EXPECT_TRUE(record["attempts"][0]["cost_nano_usd"].is_null());
  EXPECT_TRUE(record["route"].is_null());
  EXPECT_EQ(metric(R"(triage_unknown_prices_total{deployment="odd"})"), 1);
}

TEST_F(RecordTest, WhatFailsBeforeAnyAttemptIsThereToo) {
  json record = record_of("{broken");
  EXPECT_EQ(record["outcome"], "client_error");
  EXPECT_EQ(record["error"], "invalid_json");
  EXPECT_EQ(record["status"], 400);
  EXPECT_EQ(record["attempts"].size(), 0U);
  EXPECT_EQ(record["cost_nano_usd"], 0);
  EXPECT_EQ(record_of("", "/v1/models", "GET")["outcome"], "ok");
  EXPECT_EQ(record_of("", "/elsewhere", "GET")["error"], "not_found");
}

TEST_F(RecordTest, ACallThatPassesThroughHasNoKnownCost) {
  upstream_.answers = {good_answer()};
  json record = record_of("file", "/v1/files");
  EXPECT_EQ(record["path"], "/v1/files");
  EXPECT_TRUE(record["cost_nano_usd"].is_null());
  upstream_.answers = {good_answer()};
  record = record_of("", "/v1/files", "GET");
  EXPECT_EQ(record["cost_nano_usd"], 0);
}

TEST_F(RecordTest, TheClientIsToldWhatItCost) {
  upstream_.answers = {with_usage(1000, 100)};
  FakeExchange exchange("POST", "/v1/chat/completions", R"({"model":"auto"})");
  run(exchange);
  EXPECT_EQ(exchange.field("x-triage-cost-usd"), "0.000280000");
}

}  // namespace
}  // namespace triage::gateway_test
