// What a simulated provider says that it has billed, to the nano-dollar.
#include "provider_fixture.hpp"

#include "triage/price.hpp"

namespace triage::test {
namespace {

const Json streamed{{"stream", true}, {"stream_options", {{"include_usage", true}}}};

class BillingTest : public ProviderTest {
 protected:
  // 0.15 USD per million tokens are 150 nano-USD each.
  void SetUp() override {
    use("models: {m: {price: {input: 0.15, output: 0.60, input_cached: 0.075, reasoning: 1}, cached_share: 0.5, "
        "reasoning_tokens: 7}}");
  }

  static std::int64_t cost(const Json& usage) {
    const std::int64_t prompt = usage["prompt_tokens"];
    const std::int64_t cached = usage["prompt_tokens_details"]["cached_tokens"];
    const std::int64_t completion = usage["completion_tokens"];
    const std::int64_t reasoning = usage["completion_tokens_details"]["reasoning_tokens"];
    return (prompt - cached) * 150 + cached * 75 + (completion - reasoning) * 600 + reasoning * 1'000;
  }
};

TEST_F(BillingTest, IsTheSumOfWhatWasReported) {
  std::int64_t sum = 0;
  std::string words;
  for (int i = 0; i < 1'500; ++i) words += "word ";
  const Json plain = ask(with_prompt("Hello"))["usage"];
  const Json two = ask(with_prompt("Hello again", {{"n", 2}}))["usage"];
  const Json cached = ask(with_prompt(words))["usage"];
  const Json stream = hear(chat(with_prompt("Hello there", streamed))->body()).usage;
  EXPECT_EQ(plain["completion_tokens_details"]["reasoning_tokens"], 7);
  EXPECT_EQ(two["completion_tokens_details"]["reasoning_tokens"], 14);
  EXPECT_GT(cached["prompt_tokens_details"]["cached_tokens"], 0);
  EXPECT_EQ(plain["total_tokens"], plain["prompt_tokens"].get<int>() + plain["completion_tokens"].get<int>());
  for (const Json& usage : {plain, two, cached, stream}) sum += cost(usage);
  const Json bill = billing();
  EXPECT_EQ(bill["cost_nano_usd"], sum);
  EXPECT_EQ(bill["reported"]["cost_nano_usd"], sum);
  EXPECT_EQ(bill["reported"]["requests"], 4);
  EXPECT_EQ(bill["reasoning_tokens"], 7 + 14 + 7 + 7);
  EXPECT_EQ(bill["unreported"]["requests"], 0);
  EXPECT_EQ(bill["unreported"]["cost_nano_usd"], 0);
}

TEST_F(BillingTest, OfStreamsWithoutUsageIsKeptApart) {
  chat(with_prompt("Hello", {{"stream", true}}));
  ask(with_prompt("Hello"), "no-usage");
  const Json bill = billing();
  EXPECT_EQ(bill["reported"]["requests"], 0);
  EXPECT_EQ(bill["unreported"]["requests"], 2);
  EXPECT_EQ(bill["unreported"]["cost_nano_usd"], bill["cost_nano_usd"]);
  const Json usage = ask(with_prompt("Hello"))["usage"];
  EXPECT_EQ(bill["unreported"]["cost_nano_usd"], 2 * cost(usage));
}

TEST_F(BillingTest, OfACutStreamIsThePromptAndWhatWasSent) {
  chat(with_prompt("Hello", streamed), "cut-after=5");
  const Json bill = billing();
  EXPECT_EQ(bill["unreported"]["requests"], 1);
  EXPECT_EQ(bill["unreported"]["completion_tokens"], 7 + 5);
  EXPECT_EQ(bill["unreported"]["cost_nano_usd"], 8 * 150 + 7 * 1'000 + 5 * 600);
  chat(with_prompt("Hello", streamed), "cut-after=0");
  EXPECT_EQ(billing()["unreported"]["cost_nano_usd"], 2 * 8 * 150 + 7 * 1'000 + 5 * 600) << "no token, no reasoning";
  chat(with_prompt("Hello", streamed), "error-after=1");
  EXPECT_EQ(billing()["unreported"]["cost_nano_usd"], 3 * 8 * 150 + 14 * 1'000 + 6 * 600);
}

TEST_F(BillingTest, OfAClientThatLeftIsWhatWasMadeUntilThen) {
  FakeExchange streaming("POST", "/v1/chat/completions", with_prompt("Hello", streamed));
  streaming.leave_after(4);  // the role and three tokens; the fourth is lost
  EXPECT_TRUE(run(provider(), streaming));
  EXPECT_EQ(billing()["unreported"]["completion_tokens"], 7 + 4);
  use("models: {m: {tokens_per_second: 0.001, price: {input: 1, output: 2}}}");
  FakeExchange plain("POST", "/v1/chat/completions", with_prompt("Hello"));
  Running running(provider(), plain);
  ASSERT_FALSE(running.poll());
  plain.gone().fire();
  ASSERT_TRUE(running.poll());
  EXPECT_EQ(billing()["unreported"]["cost_nano_usd"], 8 * 1'000) << "the prompt, and no token yet";
}

TEST_F(BillingTest, OfNothingThatBeganIsNothing) {
  for (const bool stream : {false, true}) {
    use("models: {m: {latency: 1h, price: {input: 1, output: 2}}}");
    FakeExchange exchange("POST", "/v1/chat/completions", with_prompt("Hello", {{"stream", stream}}));
    Running running(provider(), exchange);
    ASSERT_FALSE(running.poll());
    exchange.gone().fire();
    ASSERT_TRUE(running.poll());
    EXPECT_EQ(billing()["requests"], 0);
    EXPECT_EQ(billing()["abandoned"], 1);
    EXPECT_EQ(billing()["cost_nano_usd"], 0);
  }
  use("models: {m: {price: {input: 1, output: 2}}}");
  chat(with_prompt("Hello"), "status=503");
  EXPECT_EQ(billing()["failures"], 1);
  EXPECT_EQ(billing()["cost_nano_usd"], 0);
}

TEST_F(BillingTest, RoundsEachCallByItself) {
  use("models: {e: {kind: embedding, price: {input: 0.0001, output: 0}}, r: {price: {input: 0, output: 0, request: "
      "0.000001}}}");
  const std::string body = Json{{"model", "e"}, {"input", "one two three four five"}}.dump();  // 5 tokens: 0.5 nano-USD
  for (int i = 0; i < 3; ++i) send("POST", "/v1/embeddings", body);
  EXPECT_EQ(billing("e")["prompt_tokens"], 15);
  EXPECT_EQ(billing("e")["cost_nano_usd"], 3);
  ask(with_prompt("Hello", {{"model", "r"}}));
  EXPECT_EQ(billing("r")["cost_nano_usd"], 1'000);
}

TEST_F(BillingTest, WithoutAPriceIsNotKnown) {
  use("models: {m: {}}");
  ask(with_prompt("Hello"));
  EXPECT_TRUE(billing()["cost_nano_usd"].is_null());
  EXPECT_TRUE(billing()["reported"]["cost_nano_usd"].is_null());
  EXPECT_EQ(billing()["requests"], 1);
}

}  // namespace
}  // namespace triage::test
