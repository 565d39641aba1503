// Two answers to one request, without a socket: what is held, recorded and given back however it ends.
#include "support/fake_ledger.hpp"
#include "unit/pipeline/gateway_fixture.hpp"

namespace triage::gateway_test {
namespace {

constexpr std::string_view pair_config = R"(
providers:
  p: {base_url: "http://127.0.0.1:1/base/v1"}
deployments:
  cheap: {provider: p, model: cheap-model, price: {input: 1, output: 1}}
  dear: {provider: p, model: dear-model, price: {input: 3, output: 3}}
ledger: {dir: unused}
routes:
  both:
    match: {models: [both]}
    tiers: {small: [cheap], large: [dear]}
    routers: [{fixed: {tier: small}}]
    retry: {attempts: 1}
    ensemble: {share: 1, picker: {scorer: {verify: checks}}, daily_budget_usd: 1}
  later:
    match: {models: [later]}
    tiers: {small: [cheap], large: [dear]}
    routers: [{fixed: {tier: small}}]
    retry: {attempts: 1}
    shadow: {share: 1, picker: {scorer: {verify: checks}}, daily_budget_usd: 1}
)";

Canned says(const std::string& text, bool streamed) {
  if (streamed) return stream({event(text), event("", "stop"), usage_event + done});
  return whole(text);
}

Canned cut(const std::string& text) {
  Canned answer = stream({event(text)});
  answer.broken = Error{ErrorCode::upstream_truncated, "cut"};
  return answer;
}

class PairTest : public GatewayTest, public testing::WithParamInterface<bool> {
 protected:
  PairTest() { use(std::string(pair_config), &ledger_); }

  std::unique_ptr<FakeExchange> make(const std::string& model) {
    const json body{
        {"model", model}, {"stream", GetParam()}, {"messages", {{{"role", "user"}, {"content", "Where is Paris?"}}}}};
    return std::make_unique<FakeExchange>("POST", "/v1/chat/completions", body.dump());
  }
  std::unique_ptr<FakeExchange> ask(const std::string& model, std::vector<Canned> answers) {
    upstream_.answers.assign(answers.begin(), answers.end());
    auto exchange = make(model);
    run(*exchange);
    return exchange;
  }
  [[nodiscard]] std::int64_t spent(PairKind kind, const std::string& route) {
    PairSpec spec;
    spec.daily_budget_usd = 1;
    return live_state_.pair_budget(kind, route, spec).spent(today());
  }
  static std::vector<std::string> rows(const json& record) {
    std::vector<std::string> out;
    for (const json& row : record["attempts"])
      out.push_back(row["purpose"].get<std::string>() + ' ' + row["deployment"].get<std::string>() + ' ' +
                    row["end"].get<std::string>());
    return out;
  }
  void TearDown() override {
    EXPECT_EQ(live_state_.held().held(), 0);
    EXPECT_EQ(live_state_.shadows().load(), 0);
  }

  test::FakeLedger ledger_;
};
INSTANTIATE_TEST_SUITE_P(, PairTest, testing::Bool(),
                         [](const auto& streamed) { return streamed.param ? "Streamed" : "Plain"; });
using Rows = std::vector<std::string>;
using Answers = std::vector<Canned>;

TEST_P(PairTest, TheBetterAnswerIsGivenWhicheverCameFirst) {
  const auto exchange = ask("both", Answers{says("It lies on the Seine.", GetParam()),
                                            says("I'm sorry, but I can't help with that.", GetParam())});
  EXPECT_NE(exchange->body().find("Seine"), std::string::npos);
  ASSERT_EQ(ledger_.records.size(), 1U);
  const json& record = ledger_.records[0];
  const json& pair = record["pair"];
  EXPECT_EQ(pair["given"], pair["picked"]);
  EXPECT_EQ(exchange->field("x-triage-attempts"), "2");
  EXPECT_EQ(spent(PairKind::ensemble, "both"), record["cost_nano_usd"]);
  EXPECT_EQ(record["attempts"][pair["given"] == "cheap" ? 0 : 1]["purpose"], "answer");
  EXPECT_EQ(record["attempts"][pair["given"] == "cheap" ? 1 : 0]["purpose"], "ensemble");
}

TEST_P(PairTest, OneThatIsCutOffOrFailedIsNoAnswer) {
  const auto exchange =
      ask("both", Answers{GetParam() ? cut("It lies on") : failing(500), says("In France.", GetParam())});
  EXPECT_NE(exchange->body().find("In France."), std::string::npos);
  EXPECT_EQ(exchange->body().find("It lies on"), std::string::npos);
  EXPECT_TRUE(ledger_.records.at(0)["pair"]["picked"].is_null());
}

TEST_P(PairTest, AClientThatLeavesAtAnyMomentLeavesARecord) {
  for (std::size_t sends = 0; sends < 3; ++sends) {
    ledger_.records.clear();
    upstream_.answers = {says("One.", GetParam()), says("Two.", GetParam())};
    auto exchange = make("both");
    exchange->leave_after(sends);
    test::run(*gateway_, *exchange);
    ASSERT_EQ(ledger_.records.size(), 1U) << sends;
    EXPECT_EQ(ledger_.records[0]["attempts"].size(), 2U) << sends;
  }
}

TEST_P(PairTest, AShadowIsCastWhenTheAnswerIsOut) {
  const auto exchange =
      ask("later", Answers{says("It lies on the Seine.", GetParam()), says("In France.", GetParam())});
  EXPECT_NE(exchange->body().find("Seine"), std::string::npos);
  EXPECT_EQ(upstream_.sent.size(), 1U);
  EXPECT_EQ(live_state_.shadows().load(), 1);
  EXPECT_GT(live_state_.held().held(), 0) << "its body is there";
  loop_.io.poll();
  ASSERT_EQ(ledger_.records.size(), 2U);
  const json& cast = ledger_.records[1];
  EXPECT_EQ(cast["shadow_of"], "req_fake");
  EXPECT_NE(cast["id"], "req_fake");
  EXPECT_EQ(rows(cast), Rows{"shadow dear completed"});
  EXPECT_EQ(spent(PairKind::shadow, "later"), cast["cost_nano_usd"]);
  EXPECT_EQ(json::parse(upstream_.sent.at(1).body)["model"], "dear-model");
}

TEST_P(PairTest, ShadowsThatAreCancelledAreRecorded) {
  ask("later", Answers{says("One.", GetParam()), says("Two.", GetParam())});
  gateway_->cancel_shadows();
  loop_.io.restart();
  loop_.io.poll();
  ASSERT_EQ(ledger_.records.size(), 2U);
  EXPECT_EQ(ledger_.records[1]["outcome"], "cancelled");
}

TEST_P(PairTest, AnAnswerThatFailedCastsNone) {
  ask("later", Answers{failing(400)});
  EXPECT_EQ(live_state_.shadows().load(), 0);
  EXPECT_EQ(ledger_.records.size(), 1U);
}

}  // namespace
}  // namespace triage::gateway_test
