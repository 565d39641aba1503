// A route with an experiment, from the request to its record.
#include "support/fake_ledger.hpp"
#include "unit/pipeline/gateway_fixture.hpp"

namespace triage::gateway_test {
namespace {

constexpr std::string_view experiment_config = R"(
ledger: {dir: ledger}
providers: {p: {base_url: "http://127.0.0.1:1/base/v1"}}
deployments:
  cheap: {provider: p, model: cheap-model, price: {input: 1, output: 1}}
  dear: {provider: p, model: dear-model, price: {input: 10, output: 10}}
tiers: [small, large]
routes:
  chat:
    match: {models: [auto]}
    tiers: {small: [cheap], large: [dear]}
    routers: [header, {fixed: {tier: large}}]
    retry: {attempts: 1}
    experiment:
      name: cheaper
      treatment: {routers: [header, {fixed: {tier: small}}]}
      unit: [{header: x-user-id}, {field: user}]
  responses:
    match: {paths: ["/v1/responses*"], models: [auto]}
    tiers: {small: [cheap], large: [dear]}
    experiment: {name: passing, treatment: {routers: [{fixed: {tier: small}}]}, unit: {header: x-user-id}}
  shadowed:
    match: {models: [shadowed]}
    tiers: {small: [cheap], large: [dear]}
    routers: [{fixed: {tier: large}}]
    shadow: {share: 1, daily_budget_usd: 9}
    experiment: {name: shadowed, treatment: {routers: [{fixed: {tier: small}}]}, unit: {header: x-user-id}}
)";

constexpr const char* question = R"({"model":"auto","messages":[{"role":"user","content":"hello"}]})";

class ExperimentTest : public GatewayTest {
 protected:
  ExperimentTest() { use(std::string(experiment_config), &ledger_); }

  std::unique_ptr<FakeExchange> ask(const std::string& user, std::vector<test::OwnedField> more = {},
                                    const std::string& path = "/v1/chat/completions",
                                    const std::string& body = question) {
    more.push_back({"x-user-id", user});
    auto exchange = std::make_unique<FakeExchange>("POST", path, body, std::move(more));
    ledger_.records.clear();
    run(*exchange);
    return exchange;
  }
  // Somebody who gets that arm at a share of a half.
  std::string user_of(const char* experiment, Arm arm) {
    for (const LiveRoute& route : snapshot_->routes) {
      if (!route.experiment || route.experiment->spec->name != experiment) continue;
      for (int i = 0;; ++i) {
        const std::string user = "user-" + std::to_string(i);
        if ((fraction(route.experiment->draw(UnitClass::given, user)) < 0.5) == (arm == Arm::treatment)) return user;
      }
    }
    return "";
  }
  static std::string field(const FakeExchange& exchange, std::string_view name) {
    return std::string(exchange.field(name).value_or("-"));
  }

  test::FakeLedger ledger_;
};

TEST_F(ExperimentTest, EachArmIsServedByItsPolicyAndSaysSo) {
  live_state_.rollout("cheaper").share = 0.5;
  for (const Arm arm : {Arm::control, Arm::treatment}) {
    upstream_.answers = {good_answer()};
    const auto exchange = ask(user_of("cheaper", arm));
    EXPECT_EQ(field(*exchange, "x-triage-experiment"), "cheaper");
    EXPECT_EQ(field(*exchange, "x-triage-arm"), word(arm));
    EXPECT_EQ(field(*exchange, "x-triage-deployment"), arm == Arm::control ? "dear" : "cheap");
    ASSERT_EQ(ledger_.records.size(), 1U);
    const json& record = ledger_.records[0];
    EXPECT_EQ(record["route"], "chat");
    EXPECT_EQ(record["experiment"]["name"], "cheaper");
    EXPECT_EQ(record["experiment"]["version"], snapshot_->spec.routes[0].experiment->version);
    EXPECT_EQ(record["experiment"]["arm"], word(arm));
    EXPECT_EQ(record["experiment"]["share"], 0.5);
    EXPECT_EQ(record["experiment"]["unit"].get<std::string>().size(), 16U);
    EXPECT_EQ(record["attempts"][0]["deployment"], arm == Arm::control ? "dear" : "cheap");
  }
  EXPECT_EQ(metric(R"(triage_experiment_requests_total{experiment="cheaper",arm="treatment",outcome="ok"})"), 1);
  EXPECT_EQ(metric(R"(triage_experiment_requests_total{experiment="cheaper",arm="control",outcome="ok"})"), 1);
  EXPECT_EQ(metric(R"(triage_requests_total{route="chat",outcome="ok"})"), 2);
}

TEST_F(ExperimentTest, ARollbackReachesTheNextRequest) {
  live_state_.rollout("cheaper").share = 0.5;
  const std::string user = user_of("cheaper", Arm::treatment);
  upstream_.answers = {good_answer(), good_answer()};
  EXPECT_EQ(field(*ask(user), "x-triage-arm"), "treatment");
  live_state_.rollout("cheaper").share = 0;
  EXPECT_EQ(field(*ask(user), "x-triage-arm"), "control");
  EXPECT_EQ(ledger_.records[0]["experiment"]["share"], 0.0);
}

TEST_F(ExperimentTest, StreamsAndErrorsSayTheirArmToo) {
  live_state_.rollout("cheaper").share = 0.5;
  const std::string user = user_of("cheaper", Arm::treatment);
  upstream_.answers = {stream({event("hi"), event("", "stop"), done})};
  const auto streamed = ask(user, {}, "/v1/chat/completions",
                            R"({"model":"auto","stream":true,"messages":[{"role":"user","content":"x"}]})");
  EXPECT_EQ(field(*streamed, "x-triage-arm"), "treatment");
  upstream_.answers = {failing(500), failing(500)};
  const auto failed = ask(user);
  EXPECT_EQ(failed->status(), 500);
  EXPECT_EQ(field(*failed, "x-triage-arm"), "treatment");
  EXPECT_EQ(ledger_.records[0]["experiment"]["arm"], "treatment");
  EXPECT_EQ(ledger_.records[0]["outcome"], "upstream_error");
}

TEST_F(ExperimentTest, WhoChoosesTheTierIsInNoExperiment) {
  live_state_.rollout("cheaper").share = 0.99;
  upstream_.answers = {good_answer(), good_answer()};
  const auto exchange = ask(user_of("cheaper", Arm::treatment), {{"x-triage-tier", "small"}});
  EXPECT_EQ(field(*exchange, "x-triage-tier"), "small");
  EXPECT_EQ(field(*exchange, "x-triage-experiment"), "-");
  EXPECT_TRUE(ledger_.records[0]["experiment"].is_null());
  const auto direct = ask("ann", {}, "/v1/chat/completions", R"({"model":"dear","messages":[]})");
  EXPECT_EQ(field(*direct, "x-triage-experiment"), "-");
  EXPECT_TRUE(ledger_.records[0]["experiment"].is_null());
}

TEST_F(ExperimentTest, TheBodyNamesTheUnit) {
  live_state_.rollout("cheaper").share = 0.5;
  upstream_.answers = {good_answer(), good_answer()};
  const std::string user = user_of("cheaper", Arm::treatment);
  EXPECT_EQ(field(*ask(user), "x-triage-arm"), "treatment");
  const json by_header = ledger_.records[0]["experiment"];
  const auto exchange = ask("", {}, "/v1/chat/completions",
                            R"({"model":"auto","user":")" + user + R"(","messages":[{"role":"user","content":"x"}]})");
  EXPECT_EQ(field(*exchange, "x-triage-arm"), "treatment");
  EXPECT_EQ(ledger_.records[0]["experiment"], by_header);
}

TEST_F(ExperimentTest, CallsThatPassThroughTakePart) {
  live_state_.rollout("passing").share = 0.5;
  upstream_.answers = {good_answer(), good_answer()};
  const auto routed =
      ask(user_of("passing", Arm::treatment), {}, "/v1/responses/compact", R"({"model":"auto","input":"x"})");
  EXPECT_EQ(field(*routed, "x-triage-arm"), "treatment");
  EXPECT_EQ(field(*routed, "x-triage-deployment"), "cheap");
  EXPECT_EQ(ledger_.records[0]["experiment"]["arm"], "treatment");
  const auto named =
      ask(user_of("passing", Arm::treatment), {}, "/v1/responses/compact", R"({"model":"dear","input":"x"})");
  EXPECT_EQ(field(*named, "x-triage-experiment"), "-") << "the client has named the deployment";
  EXPECT_TRUE(ledger_.records[0]["experiment"].is_null());
}

TEST_F(ExperimentTest, AShadowIsNobodysObservation) {
  live_state_.rollout("shadowed").share = 0.5;
  upstream_.answers = {good_answer(), good_answer()};
  ask(user_of("shadowed", Arm::control), {}, "/v1/chat/completions",
      R"({"model":"shadowed","messages":[{"role":"user","content":"hello"}]})");
  loop_.io.poll();
  ASSERT_EQ(ledger_.records.size(), 2U);
  EXPECT_EQ(ledger_.records[0]["experiment"]["arm"], "control");
  EXPECT_FALSE(ledger_.records[1]["shadow_of"].is_null());
  EXPECT_TRUE(ledger_.records[1]["experiment"].is_null());
  EXPECT_EQ(metric(R"(triage_experiment_requests_total{experiment="shadowed",arm="control",outcome="ok"})"), 1);
}

}  // namespace
}  // namespace triage::gateway_test
