// What an attempt is billed for, and what its record says where the price cannot tell.
#include "support/fake_ledger.hpp"
#include "unit/pipeline/gateway_fixture.hpp"

namespace triage::gateway_test {
namespace {

constexpr std::string_view priced_config = R"(
providers:
  p: {base_url: "http://127.0.0.1:1/base/v1"}
deployments:
  plain: {provider: p, price: {input: 1, output: 10}}
  full:
    provider: p
    price:
      input: 1
      output: 10
      citations: 2
      service_tiers: {flex: {input: 0.5, output: 5}}
      search: {low: 0.005, medium: 0.008, high: 0.012}
  unknown: {provider: p, model: nobody-knows-it}
tiers: [small, large]
routes:
  chat: {match: {models: [auto]}, tiers: {small: [plain], large: [full]}, routers: [{fixed: {tier: small}}], retry: {attempts: 1}}
)";

constexpr std::string_view figures = R"("prompt_tokens":100,"completion_tokens":10,"total_tokens":110)";

class BillTest : public GatewayTest {
 protected:
  BillTest() { use(std::string(priced_config), &ledger_); }

  // The record of a request to `model` that is answered so.
  json record_of(Canned answer, const std::string& model = "plain", const std::string& more = "") {
    ledger_.records.clear();
    upstream_.answers = {std::move(answer)};
    FakeExchange exchange(
        "POST", "/v1/chat/completions",
        R"({"model":")" + model + R"(","messages":[{"role":"user","content":"Hello there"}])" + more + "}");
    run(exchange);
    body_ = exchange.body();
    EXPECT_EQ(ledger_.records.size(), 1U);
    return ledger_.records.empty() ? json() : ledger_.records.front();
  }
  json attempt_of(Canned answer, const std::string& model = "plain", const std::string& more = "") {
    return record_of(std::move(answer), model, more)["attempts"][0];
  }
  // A whole answer of four words, with these members.
  static Canned answer(const std::string& usage, const std::string& more = "") {
    Canned out;
    out.pieces = {R"({"choices":[{"index":0,"message":{"role":"assistant","content":"one two three four"},)"
                  R"("finish_reason":"stop"}],"usage":{)" +
                  usage + "}" + more + "}"};
    return out;
  }
  static std::string usage_event_of(const std::string& usage) {
    return R"(data: {"choices":[],"usage":{)" + usage + "}}\n\n";
  }

  test::FakeLedger ledger_;
  std::string body_;
};

TEST_F(BillTest, CachesBesideTheInputAreNoReasoning) {
  const json attempt = attempt_of(
      answer(R"("prompt_tokens":50,"completion_tokens":100,"total_tokens":10150,"cache_read_input_tokens":10000)"));
  EXPECT_EQ(attempt["tokens"]["input"], 10'050);
  EXPECT_EQ(attempt["tokens"]["input_cached"], 10'000);
  EXPECT_EQ(attempt["tokens"]["output"], 100);
  EXPECT_EQ(attempt["tokens"]["reasoning"], 0);
  EXPECT_EQ(attempt["cost_nano_usd"], 10'050 * 1'000 + 100 * 10'000);
}

TEST_F(BillTest, ZerosBesideWordsAreNoFigures) {
  for (const bool streamed : {false, true}) {
    const auto attempt_with = [&](const std::string& usage) {
      if (!streamed) return attempt_of(answer(usage));
      return attempt_of(stream({event("one two three four", "stop"), usage_event_of(usage), done}), "plain",
                        R"(,"stream":true)");
    };
    const json zeros = attempt_with(R"("prompt_tokens":0,"completion_tokens":0,"total_tokens":0)");
    EXPECT_EQ(zeros["usage_source"], "estimated") << streamed;
    EXPECT_GT(zeros["tokens"]["input"], 0);
    EXPECT_NEAR(zeros["tokens"]["output"].get<double>(), 4, 1);
    EXPECT_GT(zeros["cost_nano_usd"], 0);
    const json input_only = attempt_with(R"("prompt_tokens":100,"completion_tokens":0,"total_tokens":100)");
    EXPECT_EQ(input_only["usage_source"], "estimated");
    EXPECT_EQ(input_only["tokens"]["input"], 100);
    EXPECT_NEAR(input_only["tokens"]["output"].get<double>(), 4, 1);
    const json output_only = attempt_with(R"("completion_tokens":10)");
    EXPECT_EQ(output_only["usage_source"], "estimated");
    EXPECT_GT(output_only["tokens"]["input"], 0);
    EXPECT_EQ(output_only["tokens"]["output"], 10);
    EXPECT_EQ(attempt_with(std::string(figures))["usage_source"], "reported");
  }
  const json empty = attempt_of(whole(""));
  EXPECT_EQ(empty["usage_source"], "reported");
}

TEST_F(BillTest, AZeroOfAnEmptyAnswerIsAFigure) {
  Canned silent;
  silent.pieces = {R"({"choices":[{"message":{"content":""},"finish_reason":"stop"}],)"
                   R"("usage":{"prompt_tokens":100,"completion_tokens":0,"total_tokens":100}})"};
  const json attempt = attempt_of(silent);
  EXPECT_EQ(attempt["usage_source"], "reported");
  EXPECT_EQ(attempt["cost_nano_usd"], 100 * 1'000);
}

TEST_F(BillTest, WhatTheProviderSaysThatItCostsIsKeptAndUsedWhereThePriceCannotTell) {
  const std::string told = std::string(figures) + R"(,"cost":0.00042)";
  const json both = attempt_of(answer(told));
  EXPECT_EQ(both["cost_nano_usd"], 100 * 1'000 + 10 * 10'000);
  EXPECT_EQ(both["provider_cost_nano_usd"], 420'000);
  EXPECT_FALSE(both.contains("cost_source"));
  const json record = record_of(answer(told), "unknown");
  EXPECT_EQ(record["attempts"][0]["cost_nano_usd"], 420'000);
  EXPECT_EQ(record["attempts"][0]["cost_source"], "provider");
  EXPECT_EQ(record["cost_nano_usd"], 420'000);
  EXPECT_EQ(metric(R"(triage_unknown_prices_total{deployment="unknown"})"), 0);
  const json zeros = attempt_of(answer(R"("prompt_tokens":0,"completion_tokens":0,"cost":0.00042)"));
  EXPECT_EQ(zeros["usage_source"], "estimated");
  EXPECT_EQ(zeros["cost_nano_usd"], 420'000);
  EXPECT_FALSE(attempt_of(answer(std::string(figures))).contains("provider_cost_nano_usd"));
}

TEST_F(BillTest, PerplexityIsBilledForWhatItReadsAndSearches) {
  const std::string deep =
      std::string(figures) + R"(,"citation_tokens":1000,"num_search_queries":3,"search_context_size":"low")";
  const json attempt = attempt_of(answer(deep), "full");
  EXPECT_EQ(attempt["cost_nano_usd"], 100 * 1'000 + 10 * 10'000 + 1'000 * 2'000 + 3 * 5'000'000);
  EXPECT_EQ(attempt["searches"], 3);
  EXPECT_EQ(attempt["tokens"]["citations"], 1'000);
  EXPECT_TRUE(attempt_of(answer(deep), "plain")["cost_nano_usd"].is_null());
  EXPECT_EQ(metric(R"(triage_unknown_prices_total{deployment="plain"})"), 1);
  const json told = attempt_of(answer(deep + R"(,"cost":{"total_cost":0.0175})"), "plain");
  EXPECT_EQ(told["cost_nano_usd"], 17'500'000);
  EXPECT_EQ(told["cost_source"], "provider");
  const json sonar = attempt_of(answer(std::string(figures) + R"(,"search_context_size":"high")"), "full");
  EXPECT_EQ(sonar["cost_nano_usd"], 100 * 1'000 + 10 * 10'000 + 12'000'000);
}

TEST_F(BillTest, ASearchThatWasAskedForIsBilled) {
  const std::int64_t tokens = 100 * 1'000 + 10 * 10'000;
  const auto asking = [&](const std::string& options, const std::string& model = "full") {
    return attempt_of(answer(std::string(figures)), model, R"(,"web_search_options":)" + options)["cost_nano_usd"];
  };
  EXPECT_EQ(asking("{}"), tokens + 8'000'000);
  EXPECT_EQ(asking(R"({"search_context_size":"low"})"), tokens + 5'000'000);
  EXPECT_EQ(asking(R"({"user_location":null,"search_context_size":"high"})"), tokens + 12'000'000);
  EXPECT_EQ(asking("null"), tokens);
  EXPECT_TRUE(asking("{}", "plain").is_null());
  Canned cited;
  cited.pieces = {R"({"choices":[{"message":{"content":"x","annotations":[{"type":"url_citation"}]},)"
                  R"("finish_reason":"stop"}],"usage":{)" +
                  std::string(figures) + "}}"};
  EXPECT_EQ(attempt_of(cited, "full")["cost_nano_usd"], tokens + 8'000'000);
}

TEST_F(BillTest, AServiceTierIsKeptAndHasItsOwnPrice) {
  const auto with = [&](const std::string& asked, const std::string& served) {
    return attempt_of(answer(std::string(figures), served.empty() ? "" : R"(,"service_tier":")" + served + "\""),
                      "full", asked.empty() ? "" : R"(,"service_tier":")" + asked + "\"");
  };
  const json flex = with("flex", "flex");
  EXPECT_EQ(flex["service_tier_asked"], "flex");
  EXPECT_EQ(flex["service_tier"], "flex");
  EXPECT_EQ(flex["cost_nano_usd"], 100 * 500 + 10 * 5'000);
  EXPECT_EQ(with("flex", "")["cost_nano_usd"], 100 * 500 + 10 * 5'000);  // the answer does not say
  const json downgraded = with("priority", "default");
  EXPECT_EQ(downgraded["service_tier_asked"], "priority");
  EXPECT_EQ(downgraded["service_tier"], "default");
  EXPECT_EQ(downgraded["cost_nano_usd"], 100 * 1'000 + 10 * 10'000);
  for (const char* tier : {"priority", "batch", "scale"}) {
    const json attempt = with(tier, tier);
    EXPECT_TRUE(attempt["cost_nano_usd"].is_null()) << tier;
    EXPECT_EQ(attempt["service_tier"], tier);
  }
  EXPECT_EQ(with("auto", "default")["cost_nano_usd"], 100 * 1'000 + 10 * 10'000);
  EXPECT_FALSE(with("", "").contains("service_tier"));
  const json streamed = attempt_of(
      stream({R"(data: {"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}],"service_tier":"flex"})"
              "\n\n",
              usage_event_of(std::string(figures)), done}),
      "full", R"(,"stream":true)");
  EXPECT_EQ(streamed["service_tier"], "flex");
  EXPECT_EQ(streamed["cost_nano_usd"], 100 * 500 + 10 * 5'000);
}

TEST_F(BillTest, AUsageEventReachesOnlyAClientThatAskedForIt) {
  for (const std::string choices : {R"("choices":[],)", R"("choices":null,)", ""})
    for (const std::string asked : {"", R"(,"stream_options":{"include_usage":false})", R"(,"stream_options":null)",
                                    R"(,"stream_options":{"include_usage":true})"}) {
      const std::string usage = "data: {\"id\":\"c\"," + choices + "\"usage\":{" + std::string(figures) + "}}\n\n";
      const json attempt =
          attempt_of(stream({event("hello", "stop"), usage, done}), "plain", R"(,"stream":true)" + asked);
      EXPECT_EQ(attempt["tokens"]["input"], 100) << choices << asked;
      const bool reached = body_.find("prompt_tokens") != std::string::npos;
      EXPECT_EQ(reached, asked.find("true") != std::string::npos) << choices << asked;
      EXPECT_NE(body_.find("hello"), std::string::npos);
    }
}

}  // namespace
}  // namespace triage::gateway_test
