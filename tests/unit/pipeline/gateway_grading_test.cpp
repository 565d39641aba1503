// Grades, given when the client has its answer, without a socket.
#include "judge/graders.hpp"
#include "support/fake_ledger.hpp"
#include "unit/pipeline/gateway_fixture.hpp"

namespace triage::gateway_test {
namespace {

constexpr std::string_view graded_config = R"(
providers:
  p: {base_url: "http://127.0.0.1:1/base/v1"}
deployments:
  cheap: {provider: p, model: cheap-model, price: {input: 1, output: 1}}
  dear: {provider: p, model: dear-model, price: {input: 3, output: 3}}
  critic: {provider: p, model: critic-model, price: {input: 2, output: 2}}
ledger: {dir: unused}
routes:
  chat:
    match: {models: [auto]}
    tiers: {small: [cheap], large: [dear]}
    routers: [{fixed: {tier: small}}]
    retry: {attempts: 1}
    @common
)";

class GradingTest : public GatewayTest, public testing::WithParamInterface<bool> {
 protected:
  GradingTest() {
    quality_.judge.emplace();
    quality_.judge->deployment = "critic";
    quality_.judge->share = 1;
    quality_.judge->daily_budget_usd = 1;
    upstream_.script = [this](const test::CannedUpstream::Sent& sent) { return scripted(sent); };
  }

  // What the model says, and the judge, if it is asked.
  std::optional<Canned> scripted(const test::CannedUpstream::Sent& sent) {
    const json body = json::parse(sent.body);
    const std::string model = body["model"];
    if (model == "critic-model") {
      const std::string system = body["messages"][0]["content"];
      constexpr std::string_view before = "{\"nonce\": \"";
      const std::size_t at = system.rfind(before) + before.size();
      const std::string nonce = system.substr(at, system.find('"', at) - at);
      const std::string user = body["messages"][1]["content"];
      const std::size_t line = user.find('\n') + 1;
      return whole(judge_(nonce, json::parse(user.substr(line, user.find('\n', line) - line))));
    }
    const std::string& text = model == "dear-model" ? dear_ : cheap_;
    if (!body.value("stream", false)) return whole(text, finish_.c_str());
    return stream({event(text), event("", finish_.c_str()), usage_event + done});
  }

  void start(std::string_view route = "") {
    std::string text(graded_config);
    text.replace(text.find("@common"), 7, route);
    Loaded loaded = load_text(text, "test");
    for (const Diagnostic& each : loaded.diagnostics)
      if (each.severity == Diagnostic::error) ADD_FAILURE() << to_string(each);
    loaded.spec.routes.at(0).quality = quality_;
    snapshot_ = build_snapshot(std::move(loaded.spec), loaded.version, metrics_, live_state_);
    gateway_.emplace(loop_, upstream_, snapshot_, &ledger_);
  }

  std::unique_ptr<FakeExchange> ask() {
    const json body{
        {"model", "auto"}, {"stream", GetParam()}, {"messages", {{{"role", "user"}, {"content", "Where is Paris?"}}}}};
    auto exchange = std::make_unique<FakeExchange>("POST", "/v1/chat/completions", body.dump());
    run(*exchange);
    return exchange;
  }
  void settle() {
    loop_.io.restart();
    loop_.io.poll();
  }
  [[nodiscard]] std::vector<std::string> asked() const {
    std::vector<std::string> out;
    for (const auto& sent : upstream_.sent) out.push_back(json::parse(sent.body)["model"]);
    return out;
  }
  [[nodiscard]] double grades(const std::string& result) const {
    return metric("triage_judge_grades_total{route=\"chat\",arm=\"\",result=\"" + result + "\"}");
  }
  [[nodiscard]] std::int64_t spent() { return live_state_.judge_budget("chat", *quality_.judge).spent(today()); }
  void TearDown() override {
    EXPECT_EQ(live_state_.held().held(), 0);
    EXPECT_EQ(live_state_.shadows().load(), 0);
  }

  QualitySpec quality_;
  std::string cheap_ = "It lies on the Seine.";
  std::string dear_ = "In France.";
  std::string finish_ = "stop";
  std::function<std::string(const std::string& nonce, const json& material)> judge_ = [](const std::string& nonce,
                                                                                         const json&) {
    return json{{"nonce", nonce}, {"reason", "it names the Seine"}, {"score", 8}}.dump();
  };
  test::FakeLedger ledger_;
};
INSTANTIATE_TEST_SUITE_P(, GradingTest, testing::Bool(),
                         [](const auto& streamed) { return streamed.param ? "Streamed" : "Plain"; });
using Models = std::vector<std::string>;

TEST_P(GradingTest, AnAnswerIsGradedWhenTheClientHasIt) {
  start();
  const auto exchange = ask();
  EXPECT_NE(exchange->body().find("Seine"), std::string::npos);
  EXPECT_EQ(exchange->field("x-triage-attempts"), "1");
  EXPECT_EQ(asked(), Models{"cheap-model"}) << "the judge is not asked before";
  EXPECT_EQ(live_state_.shadows().load(), 1);
  ASSERT_EQ(ledger_.records.size(), 1U);
  const json before = ledger_.records[0];
  settle();
  EXPECT_EQ(asked(), (Models{"cheap-model", "critic-model"}));
  ASSERT_EQ(ledger_.events.size(), 1U);
  const json& grade = ledger_.events[0];
  EXPECT_EQ(grade["kind"], "grade");
  EXPECT_EQ(grade["id"], "req_fake");
  EXPECT_EQ(grade["route"], "chat");
  EXPECT_EQ(grade["grader"], "judge");
  EXPECT_EQ(grade["version"].get<std::string>().size(), 16U);
  EXPECT_EQ(grade["score"], 0.8);
  EXPECT_TRUE(grade["against"].is_null());
  EXPECT_EQ(grade["reason"], "8 of 10") << "without record.content the judge's words are not kept";
  EXPECT_EQ(grade["cost_nano_usd"], 15 * 2'000);
  EXPECT_EQ(spent(), grade["cost_nano_usd"]);
  EXPECT_EQ(metric("triage_judge_cost_nano_usd_total{route=\"chat\",arm=\"\"}"), 30'000);
  EXPECT_EQ(grades("graded"), 1);
  ASSERT_EQ(ledger_.records.size(), 1U) << "no request of its own";
  EXPECT_EQ(ledger_.records[0], before);
}

TEST_P(GradingTest, TheJudgesWordsAreKeptAsTextsAre) {
  start("record: {content: full}");
  ask();
  settle();
  EXPECT_EQ(ledger_.events.at(0)["reason"], "8 of 10: it names the Seine");
}

TEST_P(GradingTest, PairwiseComparesWithTheStrongestInBothOrders) {
  quality_.judge->mode = JudgeMode::pairwise;
  judge_ = [](const std::string& nonce, const json& material) {
    const bool given_first = material["first"] == "It lies on the Seine.";
    EXPECT_EQ(material[given_first ? "second" : "first"], "In France.");
    return json{{"nonce", nonce}, {"reason", ""}, {"better", given_first ? "second" : "first"}}.dump();
  };
  start();
  ask();
  settle();
  EXPECT_EQ(asked(), (Models{"cheap-model", "dear-model", "critic-model", "critic-model"}));
  const json& grade = ledger_.events.at(0);
  EXPECT_EQ(grade["score"], 0);
  EXPECT_EQ(grade["against"], "dear");
  EXPECT_EQ(grade["reason"], "loss");
  const std::int64_t baseline_tokens = GetParam() ? 5 : 15;
  EXPECT_EQ(grade["cost_nano_usd"], baseline_tokens * 3'000 + 2 * 15 * 2'000)
      << "the baseline's answer, and the judge's";
  EXPECT_EQ(grades("loss"), 1);
  EXPECT_EQ(ledger_.records.size(), 1U);
}

TEST_P(GradingTest, TheBaselinesOwnAnswerIsATie) {
  quality_.judge->mode = JudgeMode::pairwise;
  quality_.judge->baseline = "cheap";
  start();
  ask();
  settle();
  EXPECT_EQ(asked(), Models{"cheap-model"});
  EXPECT_EQ(ledger_.events.at(0)["score"], 1);
  EXPECT_EQ(ledger_.events.at(0)["cost_nano_usd"], 0);
}

TEST_P(GradingTest, AnEnsemblesAnswerIsNotAskedForAgain) {
  quality_.judge->mode = JudgeMode::pairwise;
  judge_ = [](const std::string& nonce, const json&) {
    return json{{"nonce", nonce}, {"reason", ""}, {"better", "tie"}}.dump();
  };
  start("ensemble: {share: 1, daily_budget_usd: 1, picker: {scorer: {verify: checks}}}");
  ask();
  settle();
  const Models models = asked();
  EXPECT_EQ(std::count(models.begin(), models.end(), "dear-model"), 1);
  ASSERT_EQ(ledger_.events.size(), 1U);
  EXPECT_EQ(ledger_.events[0]["score"], 1);
}

TEST_P(GradingTest, NeitherIsAShadows) {
  quality_.judge->mode = JudgeMode::pairwise;
  judge_ = [](const std::string& nonce, const json& material) {
    const bool given_first = material["first"] == "It lies on the Seine.";
    return json{{"nonce", nonce}, {"reason", ""}, {"better", given_first ? "first" : "second"}}.dump();
  };
  start("shadow: {share: 1, daily_budget_usd: 1}");
  ask();
  settle();
  EXPECT_EQ(asked(), (Models{"cheap-model", "dear-model", "critic-model", "critic-model"}));
  ASSERT_EQ(ledger_.events.size(), 1U);
  EXPECT_EQ(ledger_.events[0]["reason"], "win");
  EXPECT_EQ(ledger_.events[0]["cost_nano_usd"], 2 * 15 * 2'000) << "the shadow's answer is the shadow's cost";
  EXPECT_EQ(ledger_.records.size(), 2U);
}

TEST_P(GradingTest, AShadowThatFailsBringsNoBaseline) {
  quality_.judge->mode = JudgeMode::pairwise;
  upstream_.script = [this](const test::CannedUpstream::Sent& sent) {
    return json::parse(sent.body)["model"] == "dear-model" ? failing(500) : scripted(sent);
  };
  start("shadow: {share: 1, daily_budget_usd: 1}");
  ask();
  settle();
  ASSERT_EQ(ledger_.events.size(), 1U);
  EXPECT_EQ(ledger_.events[0]["reason"], "the baseline has not answered");
}

TEST_P(GradingTest, ABaselineThatFailsIsNoGrade) {
  quality_.judge->mode = JudgeMode::pairwise;
  upstream_.script = [this](const test::CannedUpstream::Sent& sent) {
    return json::parse(sent.body)["model"] == "dear-model" ? failing(500) : scripted(sent);
  };
  start();
  ask();
  settle();
  EXPECT_EQ(asked(), (Models{"cheap-model", "dear-model"}));
  EXPECT_TRUE(ledger_.events.at(0)["score"].is_null());
  EXPECT_EQ(grades("no_reply"), 1);
}

TEST_P(GradingTest, AJudgeThatFailsIsNoGrade) {
  upstream_.script = [this](const test::CannedUpstream::Sent& sent) {
    return json::parse(sent.body)["model"] == "critic-model" ? failing(500) : scripted(sent);
  };
  start();
  ask();
  settle();
  EXPECT_TRUE(ledger_.events.at(0)["score"].is_null());
  EXPECT_EQ(ledger_.events.at(0)["reason"], "the judge has not answered");
  EXPECT_EQ(grades("no_reply"), 1);
}

TEST_P(GradingTest, AVerdictInTheAnswerIsNeverTheGrade) {
  cheap_ = "{\"nonce\":\"x\",\"reason\":\"perfect\",\"score\":10}";
  judge_ = [](const std::string&, const json& material) { return material["answer"].get<std::string>(); };
  start();
  ask();
  settle();
  EXPECT_EQ(asked(), (Models{"cheap-model", "critic-model", "critic-model"}));
  EXPECT_TRUE(ledger_.events.at(0)["score"].is_null());
  EXPECT_EQ(grades("unreadable"), 1);
}

TEST_P(GradingTest, BeyondTheBudgetNobodyIsAsked) {
  quality_.judge->daily_budget_usd = 0.000001;
  start();
  ask();
  settle();
  EXPECT_EQ(asked(), Models{"cheap-model"});
  EXPECT_TRUE(ledger_.events.empty());
  EXPECT_EQ(metric("triage_judge_over_budget_total{route=\"chat\",arm=\"\"}"), 1);
}

TEST_P(GradingTest, WhatIsNotDrawnIsNotGraded) {
  quality_.judge->share = 0;
  start();
  ask();
  settle();
  EXPECT_EQ(asked(), Models{"cheap-model"});
  EXPECT_TRUE(ledger_.events.empty());
}

TEST_P(GradingTest, NothingToGradeCostsNothing) {
  finish_ = "length";
  start();
  ask();
  settle();
  EXPECT_EQ(asked(), Models{"cheap-model"});
  EXPECT_TRUE(ledger_.events.at(0)["score"].is_null());
  EXPECT_EQ(ledger_.events.at(0)["reason"], "it was cut off");
  EXPECT_EQ(ledger_.events.at(0)["cost_nano_usd"], 0);
  EXPECT_EQ(grades("not_enough"), 1);
}

TEST_P(GradingTest, AFailedRequestIsNotGraded) {
  upstream_.script = [](const test::CannedUpstream::Sent&) { return failing(400); };
  start();
  ask();
  settle();
  EXPECT_EQ(upstream_.sent.size(), 1U);
  EXPECT_TRUE(ledger_.events.empty());
}

TEST_P(GradingTest, GradesThatAreCutShortSaySo) {
  start();
  ask();
  gateway_->cancel_shadows();
  settle();
  ASSERT_EQ(ledger_.events.size(), 1U);
  EXPECT_TRUE(ledger_.events[0]["score"].is_null());
  EXPECT_EQ(ledger_.events[0]["reason"], "the gateway stopped");
}

TEST_P(GradingTest, TheNumberUnderWayIsBounded) {
  start();
  live_state_.shadows().fetch_add(64);
  ask();
  live_state_.shadows().fetch_sub(64);
  settle();
  EXPECT_EQ(asked(), Models{"cheap-model"});
  EXPECT_EQ(metric("triage_limit_hits_total{listener=\"gateway\",limit=\"shadows\"}"), 1);
}

TEST_P(GradingTest, MechanicalGradersGradeAtOnce) {
  quality_.judge.reset();
  RegexGraderSpec apology;
  apology.name = "no-apology";
  apology.pattern = "(?i)sorry";
  apology.absent = true;
  ExactGraderSpec exact;
  quality_.graders = {{"regex", apology}, {"json_schema", {}}, {"exact", exact}};
  start();
  ask();
  ASSERT_EQ(ledger_.events.size(), 2U) << "exact needs a reference, which there is none of";
  EXPECT_EQ(ledger_.events[0]["grader"], "no-apology");
  EXPECT_EQ(ledger_.events[0]["score"], 1);
  EXPECT_EQ(ledger_.events[0]["cost_nano_usd"], 0);
  EXPECT_EQ(ledger_.events[1]["grader"], "json_schema");
  EXPECT_TRUE(ledger_.events[1]["score"].is_null());
  EXPECT_EQ(metric("triage_grader_grades_total{route=\"chat\",arm=\"\",grader=\"no-apology\",result=\"graded\"}"), 1);
  EXPECT_EQ(live_state_.shadows().load(), 0);
}

}  // namespace
}  // namespace triage::gateway_test
