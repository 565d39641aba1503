// The keys by which the gateway calls a provider, when there are several, and what is counted of clients' keys; traces.
#include "gateway_fixture.hpp"

#include "base/span_id.hpp"

#include <set>

namespace triage::gateway_test {
namespace {

constexpr std::string_view several = R"(
keys:
  - {name: third, sha256: "@secret-a"}
  - {name: fourth, sha256: "@secret-b"}
limits: {key_metrics: 3}
providers:
  p: {base_url: "http://127.0.0.1:1/v1", keys: ["sk-one-1111", {name: second, key: "sk-two-2222"}], key_rest: 5m}
deployments:
  cheap: {provider: p, model: cheap-model, price: {input: 1, output: 1}}
  dear: {provider: p, model: dear-model}
tiers: [small, large]
routes:
  chat:
    match: {models: [auto]}
    tiers: {small: [cheap], large: [dear]}
    routers: [{fixed: {tier: small}}]
    retry: {attempts: 1}
)";

class GatewayKeysTest : public GatewayTest {
 protected:
  GatewayKeysTest() {
    std::string text(several);
    for (const std::string_view secret : {"secret-a", "secret-b"}) {
      const std::string placeholder = '@' + std::string(secret);
      text.replace(text.find(placeholder), placeholder.size(), hex_of(secret));
    }
    use(text);
  }
  [[nodiscard]] std::vector<std::string> bearers() const {
    std::vector<std::string> out;
    for (const auto& sent : upstream_.sent) out.push_back(sent.field("authorization"));
    return out;
  }
  // By one key only.
  void limit(std::string_view key, int status) {
    upstream_.script = [key = std::string(key),
                        status](const test::CannedUpstream::Sent& sent) -> std::optional<Canned> {
      if (sent.field("authorization") != "Bearer " + key) return std::nullopt;
      Canned answer = failing(status);
      answer.fields.emplace_back("retry-after", "60");
      answer.pieces = {R"({"error":{"message":"not )" + key + R"("}})"};
      return answer;
    };
  }
};

const std::vector<std::string> both{"Bearer sk-one-1111", "Bearer sk-two-2222"};

TEST_F(GatewayKeysTest, TakeTurns) {
  for (int i = 0; i < 2; ++i) EXPECT_EQ(chat(R"({"model":"auto"})")->status(), 200);
  EXPECT_EQ(bearers(), both);
}

TEST_F(GatewayKeysTest, OneThatIsRefusedDoesNotFailTheRequestOrItsDeployment) {
  for (const int status : {401, 403, 429}) {
    upstream_.sent.clear();
    live_state_.key_rest("p", {"", Secret("sk-one-1111")}) = 0;
    limit("sk-one-1111", status);
    for (int i = 0; i < 3; ++i) {
      const auto answer = chat(R"({"model":"auto"})");
      EXPECT_EQ(answer->status(), 200) << status;
      EXPECT_EQ(answer->field("x-triage-deployment"), "cheap") << status;
    }
    const auto sent = bearers();
    EXPECT_EQ(std::ranges::count(sent, both[0]), 1) << status;
    EXPECT_EQ(std::ranges::count(sent, both[1]), 3) << status;
  }
  EXPECT_EQ(metric(R"(triage_provider_key_rests_total{provider="p",key="1"})"), 3);
  EXPECT_EQ(metric(R"(triage_provider_key_rests_total{provider="p",key="second"})"), 0);
  EXPECT_EQ(metric(R"(triage_fallbacks_total{route="chat"})"), 0);
}

TEST_F(GatewayKeysTest, WhereAllHaveUsedUpTheirLimitsAnotherDeploymentIsAsked) {
  upstream_.script = [](const test::CannedUpstream::Sent& sent) -> std::optional<Canned> {
    if (sent.body.find("cheap-model") == std::string::npos) return std::nullopt;
    Canned answer = failing(429);
    answer.fields.emplace_back("retry-after", "60");
    return answer;
  };
  const auto answer = chat(R"({"model":"auto"})");
  EXPECT_EQ(answer->status(), 200);
  EXPECT_EQ(answer->field("x-triage-deployment"), "dear");
  EXPECT_EQ(answer->field("x-triage-attempts"), "3");
}

TEST_F(GatewayKeysTest, NoKeyIsInAnErrorThatTheClientSees) {
  upstream_.script = [](const test::CannedUpstream::Sent&) -> std::optional<Canned> {
    Canned answer = failing(403);
    answer.pieces = {R"({"error":{"message":"sk-one-1111 and sk-two-2222 may not"}})"};
    answer.fields.emplace_back("x-seen", "sk-two-2222");
    return answer;
  };
  const auto answer = chat(R"({"model":"auto"})");
  EXPECT_GE(answer->status(), 400);
  EXPECT_EQ(answer->body().find("sk-"), std::string::npos) << answer->body();
  EXPECT_FALSE(answer->field("x-seen"));
}

// The fixture's first configuration has had two keys: they count for as long as the process lives.
TEST_F(GatewayKeysTest, CountsWhatClientsKeysUseAndBoundsTheirNumber) {
  for (const char* key : {"secret-a", "secret-b", "secret-b"}) {
    upstream_.answers = {whole("hi")};
    chat(R"({"model":"auto"})", key);
  }
  EXPECT_EQ(metric(R"(triage_key_requests_total{key="third"})"), 1);
  EXPECT_EQ(metric(R"(triage_key_requests_total{key="other"})"), 2);
  EXPECT_EQ(metric(R"(triage_key_requests_total{key="fourth"})"), -1);
  EXPECT_EQ(metric(R"(triage_key_tokens_total{key="other",kind="input"})"), 20);
  EXPECT_EQ(metric(R"(triage_key_tokens_total{key="third",kind="output"})"), 5);
  EXPECT_EQ(metric(R"(triage_key_cost_nano_usd_total{key="third"})"), 15'000);
}

TEST_F(GatewayKeysTest, ContinuesTheClientsTraceWithASpanOfItsOwn) {
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  FakeExchange exchange("POST", "/v1/chat/completions", R"({"model":"auto"})",
                        {{"authorization", "Bearer secret-b"},
                         {"traceparent", "00-" + trace + "-00f067aa0ba902b7-01"},
                         {"tracestate", "vendor=1"}});
  run(exchange);
  EXPECT_EQ(upstream_.sent.at(0).field("traceparent"), "00-" + trace + "-" + span_id(exchange.id(), 1) + "-01");
  EXPECT_EQ(upstream_.sent.at(0).field("tracestate"), "vendor=1");
}

TEST_F(GatewayKeysTest, ATraceThatIsNotValidGoesNoFurther) {
  FakeExchange exchange("POST", "/v1/chat/completions", R"({"model":"auto"})",
                        {{"authorization", "Bearer secret-b"},
                         {"traceparent", "00-00000000000000000000000000000000-00f067aa0ba902b7-01"},
                         {"tracestate", "vendor=1"}});
  run(exchange);
  EXPECT_EQ(upstream_.sent.at(0).field("traceparent"), "");
  EXPECT_EQ(upstream_.sent.at(0).field("tracestate"), "");
}

class FallingTest : public GatewayTest {
 protected:
  void use_route(const std::string& keys) {
    use("providers: {p: {base_url: 'http://127.0.0.1:1/v1'}}\n"
        "deployments: {a: {provider: p}, b: {provider: p}, c: {provider: p}}\n"
        "tiers: [small, large]\n"
        "routes:\n"
        "  chat:\n"
        "    match: {models: [auto]}\n"
        "    tiers: {small: [c], large: [a, b]}\n"
        "    routers: [{fixed: {tier: large}}]\n"
        "    retry: {attempts: 1}\n" +
        keys);
    upstream_.sent.clear();
  }
  void fails(std::set<std::string> models) {
    upstream_.script = [models = std::move(models)](const test::CannedUpstream::Sent& sent) -> std::optional<Canned> {
      if (models.contains(json::parse(sent.body)["model"])) return failing(503);
      return std::nullopt;
    };
  }
};

TEST_F(FallingTest, OnlyWhereTheRouteSaysSoACheaperTierIsAsked) {
  fails({"a", "b"});
  use_route("");
  EXPECT_EQ(chat(R"({"model":"auto"})")->status(), 503);
  use_route("    fallback: any\n");
  const auto answer = chat(R"({"model":"auto"})");
  EXPECT_EQ(answer->status(), 200);
  EXPECT_EQ(answer->field("x-triage-tier"), "small");
  EXPECT_EQ(answer->field("x-triage-deployment"), "c");
  EXPECT_EQ(answer->field("x-triage-attempts"), "3");
  EXPECT_EQ(metric(R"(triage_cheaper_fallbacks_total{route="chat"})"), 1);
}

TEST_F(FallingTest, NotForARequestThatIsItselfAtFault) {
  upstream_.script = [](const test::CannedUpstream::Sent&) -> std::optional<Canned> { return failing(400); };
  use_route("    fallback: any\n");
  EXPECT_EQ(chat(R"({"model":"auto"})")->status(), 400);
  EXPECT_EQ(upstream_.sent.size(), 1u);
}

TEST_F(FallingTest, AListedTierAsksTheNextOnlyWhereTheFirstCannot) {
  use_route("    order: listed\n");
  for (int i = 0; i < 6; ++i) EXPECT_EQ(chat(R"({"model":"auto"})")->field("x-triage-deployment"), "a");
  fails({"a"});
  EXPECT_EQ(chat(R"({"model":"auto"})")->field("x-triage-deployment"), "b");
}

}  // namespace
}  // namespace triage::gateway_test
