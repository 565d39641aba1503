// However a request ends, an exception included, it is in the ledger once, with all that is known by then.
#include "support/fake_ledger.hpp"
#include "unit/pipeline/gateway_fixture.hpp"

#include <functional>
#include <stdexcept>

namespace triage::gateway_test {
namespace {

constexpr std::string_view recorded_config = R"(
ledger: {dir: /nowhere}
providers:
  p: {base_url: "http://127.0.0.1:1/base/v1"}
deployments:
  cheap: {provider: p, model: cheap-model, price: {input: 0.2, output: 0.8}}
  dear: {provider: p, model: dear-model, price: {input: 2, output: 8}}
tiers: [small, large]
routes:
  chat:
    match: {models: [auto]}
    tiers: {small: [cheap]}
    retry: {attempts: 1}
    record: full
  cascaded:
    match: {models: [cascaded]}
    tiers: {small: [cheap], large: [dear]}
    routers: [{fixed: {tier: small}}]
    retry: {attempts: 1}
    cascade: {verify: checks}
    record: full
  files: {match: {paths: ["/v1/files*"]}, tiers: {small: [cheap]}, record: full}
)";

class Throwing final : public Router {
 public:
  [[nodiscard]] std::string_view kind() const noexcept override { return "throwing"; }
  [[nodiscard]] Opinion pick(const RoutingInput&) const override { throw std::runtime_error("a router is broken"); }
};

class ThrowingTree final : public VerifierTree {
 public:
  void prepare(CallChanges&) const override {}
  [[nodiscard]] std::size_t not_for_client(const Completion&) const override { return 0; }
  [[nodiscard]] std::unique_ptr<Verification> start(const Answered&) const override {
    throw std::runtime_error("a verifier is broken");
  }
};

class OutcomeTest : public GatewayTest {
 protected:
  OutcomeTest() { use(std::string(recorded_config), &ledger_); }

  static std::unique_ptr<FakeExchange> request(const std::string& model = "auto", bool stream = false) {
    const std::string more = stream ? R"(,"stream":true)" : "";
    return std::make_unique<FakeExchange>(
        "POST", "/v1/chat/completions",
        R"({"model":")" + model + R"(","messages":[{"role":"user","content":"the question"}])" + more + "}");
  }

  /// The one record of that request, whatever is thrown out of the gateway.
  json record_of(FakeExchange& exchange) {
    ledger_.records.clear();
    try {
      test::run(*gateway_, exchange);
    } catch (const std::runtime_error&) {  // the client's side is broken: nobody can be told
    }
    EXPECT_EQ(ledger_.records.size(), 1U);
    return ledger_.records.empty() ? json() : ledger_.records.front();
  }

  static void expect_prompt(const json& record) {
    EXPECT_EQ(record["content"], "full") << record;
    EXPECT_EQ(record["prompt"], R"([{"role":"user","content":"the question"}])") << record;
  }
  static void expect_broken(const json& record, const FakeExchange& exchange) {
    EXPECT_EQ(record["outcome"], "gateway_error") << record;
    EXPECT_EQ(record["error"], "internal_error");
    if (exchange.streamed())
      EXPECT_NE(exchange.body().find("internal_error"), std::string::npos);
    else
      EXPECT_EQ(exchange.status(), 500);
  }
  Policy& policy_of(std::size_t route) { return const_cast<Policy&>(snapshot_->routes[route].policy); }

  test::FakeLedger ledger_;
};

TEST_F(OutcomeTest, TheTextsOfAnUnreachableProvider) {
  Canned gone;
  gone.refused = Error{ErrorCode::upstream_unreachable, "refused"};
  upstream_.answers = {gone};
  const auto exchange = request();
  const json record = record_of(*exchange);
  expect_prompt(record);
  EXPECT_EQ(record["outcome"], "upstream_error");
  EXPECT_TRUE(record["answer"].is_null());
}

TEST_F(OutcomeTest, TheTextsOfAWebPageWithStatus200) {
  Canned page;
  page.fields = {{"content-type", "text/html"}};
  page.pieces = {"<html>hello</html>"};
  upstream_.answers = {page};
  const auto exchange = request();
  const json record = record_of(*exchange);
  expect_prompt(record);
  EXPECT_EQ(record["error"], "upstream_bad_response");
}

TEST_F(OutcomeTest, TheTextsOfAStreamThatWasCutHoldWhatHadCome) {
  upstream_.answers = {stream({event("Paris "), event("is "), event("the ")})};
  const auto exchange = request("auto", true);
  const json record = record_of(*exchange);
  expect_prompt(record);
  EXPECT_EQ(record["error"], "upstream_truncated");
  EXPECT_EQ(record["answer"], "Paris is the ");
  EXPECT_EQ(record["attempts"][0]["end"], "truncated");
}

TEST_F(OutcomeTest, TheTextsOfAClientThatLeftHoldWhatHadCome) {
  upstream_.answers = {stream({event("Paris "), event("is "), event("the "), event("", "stop"), done})};
  const auto exchange = request("auto", true);
  exchange->leave_after(2);
  const json record = record_of(*exchange);
  expect_prompt(record);
  EXPECT_EQ(record["outcome"], "cancelled");
  EXPECT_TRUE(record["answer"].get<std::string>().starts_with("Paris is"));
}

TEST_F(OutcomeTest, AnExceptionBeforeTheRequestIsRead) {
  const auto exchange = request();
  exchange->throw_at_body();
  const json record = record_of(*exchange);
  expect_broken(record, *exchange);
  EXPECT_TRUE(record["route"].is_null());
}

TEST_F(OutcomeTest, AnExceptionInARouter) {
  Policy& policy = policy_of(0);
  policy.routers.insert(policy.routers.begin(), std::make_unique<Throwing>());
  policy.chain.routers = policy.routers;
  const auto exchange = request();
  const json record = record_of(*exchange);
  expect_broken(record, *exchange);
  expect_prompt(record);
  EXPECT_EQ(record["route"], "chat");
  EXPECT_TRUE(record["attempts"].empty());
}

TEST_F(OutcomeTest, AnExceptionOnTheWayOut) {
  Canned broken;
  broken.throws_at_once = true;
  upstream_.answers = {broken};
  const auto exchange = request();
  const json record = record_of(*exchange);
  expect_broken(record, *exchange);
  expect_prompt(record);
  ASSERT_EQ(record["attempts"].size(), 1U);
  EXPECT_EQ(record["attempts"][0]["end"], "cancelled");
}

TEST_F(OutcomeTest, AnExceptionInTheMiddleOfAStream) {
  Canned broken = stream({event("Paris "), event("is ")});
  broken.throws_at_end = true;
  upstream_.answers = {broken};
  const auto exchange = request("auto", true);
  const json record = record_of(*exchange);
  expect_broken(record, *exchange);
  EXPECT_EQ(record["answer"], "Paris is ");
  ASSERT_EQ(record["attempts"].size(), 1U);
  EXPECT_EQ(record["attempts"][0]["end"], "cancelled");
  EXPECT_GT(record["attempts"][0]["tokens"]["output"], 0) << "what has come is billed as an estimate";
}

TEST_F(OutcomeTest, AnExceptionInAVerifier) {
  policy_of(1).verifiers = std::make_unique<ThrowingTree>();
  upstream_.answers = {whole("held")};
  const auto exchange = request("cascaded");
  const json record = record_of(*exchange);
  expect_broken(record, *exchange);
  EXPECT_EQ(record["attempts"][0]["end"], "completed");
  EXPECT_EQ(record["cost_nano_usd"], 10 * 200 + 5 * 800);
}

TEST_F(OutcomeTest, AnExceptionOnTheClientsSide) {
  for (const std::size_t sends : {0, 1, 2}) {
    upstream_.answers = {stream({event("Paris "), event("is "), event("", "stop"), done})};
    const auto exchange = request("auto", true);
    exchange->throw_after(sends);
    const json record = record_of(*exchange);
    EXPECT_EQ(record["outcome"], "gateway_error") << sends;
    EXPECT_EQ(record["attempts"].size(), 1U);
  }
  upstream_.answers = {whole("hello")};
  const auto exchange = request();
  exchange->throw_after(0);
  EXPECT_EQ(record_of(*exchange)["answer"], "hello") << "the record goes before the last bytes";
}

TEST_F(OutcomeTest, AnExceptionWhileACallPassesThrough) {
  Canned broken;
  broken.throws_at_once = true;
  upstream_.answers = {broken};
  FakeExchange exchange("GET", "/v1/files/1");
  const json record = record_of(exchange);
  expect_broken(record, exchange);
  EXPECT_EQ(record["route"], "files");
  ASSERT_EQ(record["attempts"].size(), 1U);
}

}  // namespace
}  // namespace triage::gateway_test
