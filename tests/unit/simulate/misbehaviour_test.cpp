// The request header x-simulate.

#include "provider_fixture.hpp"

namespace triage::test {
namespace {

using MisbehaviourTest = ProviderTest;

const Json streamed{{"stream", true}, {"stream_options", {{"include_usage", true}}}};

std::size_t content_events(const Heard& heard) {
  std::size_t count = 0;
  for (const Json& event : heard.events) {
    if (!event.contains("choices") || event["choices"].empty()) continue;
    const Json& delta = event["choices"][0]["delta"];
    if (delta.contains("content") && !delta.contains("role")) ++count;
  }
  return count;
}

TEST_F(MisbehaviourTest, Status) {
  const auto exchange = chat(with_prompt("Hello"), "status=429; retry-after=2");
  EXPECT_EQ(exchange->status(), 429);
  EXPECT_EQ(exchange->field("retry-after"), "2");
  EXPECT_EQ(Json::parse(exchange->body())["error"]["code"], "rate_limit_exceeded");
  EXPECT_EQ(chat(with_prompt("Hello"), "status=429")->field("retry-after"), std::nullopt);
  const auto named = chat(with_prompt("Hello"), "status=400;code=content_policy_violation");
  EXPECT_EQ(Json::parse(named->body())["error"]["code"], "content_policy_violation");
  EXPECT_EQ(billing()["requests"], 0);
  EXPECT_EQ(billing()["failures"], 3);
}

TEST_F(MisbehaviourTest, CutsAStream) {
  for (const std::size_t tokens : {0U, 1U, 5U}) {
    const auto exchange = chat(with_prompt("Hello", streamed), "cut-after=" + std::to_string(tokens));
    EXPECT_TRUE(exchange->aborted());
    EXPECT_FALSE(exchange->finished());
    EXPECT_EQ(content_events(hear(exchange->body())), tokens);
  }
  EXPECT_EQ(billing()["completion_tokens"], 6);
}

TEST_F(MisbehaviourTest, CutsAPlainAnswer) {
  const std::string whole = chat(with_prompt("Hello"))->body();
  const auto exchange = chat(with_prompt("Hello"), "cut-after=5");
  EXPECT_TRUE(exchange->aborted());
  EXPECT_EQ(exchange->length(), whole.size());
  EXPECT_GT(exchange->body().size(), 0U);
  EXPECT_LT(exchange->body().size(), whole.size());
  EXPECT_EQ(chat(with_prompt("Hello"), "cut-after=0")->body(), "");
  EXPECT_EQ(billing()["reported"]["requests"], 1);
  EXPECT_EQ(billing()["unreported"]["requests"], 2) << "it was made, whoever cut it";
}

TEST_F(MisbehaviourTest, StallsForEverOrForAWhile) {
  FakeExchange exchange("POST", "/v1/chat/completions", with_prompt("Hello", streamed),
                        {{"x-simulate", "stall-after=3"}});
  Running running(provider(), exchange);
  EXPECT_FALSE(running.poll());
  EXPECT_EQ(content_events(hear(exchange.body())), 3U);
  exchange.gone().fire();
  EXPECT_TRUE(running.poll());
  const auto resumed = chat(with_prompt("Hello", streamed), "stall-after=3; stall-ms=0");
  EXPECT_TRUE(hear(resumed->body()).done);
  const auto plain = chat(with_prompt("Hello"), "stall-after=3; stall-ms=0");
  EXPECT_TRUE(Json::accept(plain->body()));
  EXPECT_EQ(plain->writes().size(), 2U);
}

TEST_F(MisbehaviourTest, MalformedEvent) {
  const auto exchange = chat(with_prompt("Hello", streamed), "malformed-at=2");
  const Heard heard = hear(exchange->body());
  EXPECT_EQ(heard.broken, 1U);
  EXPECT_TRUE(heard.done);
  EXPECT_TRUE(exchange->finished());
  const auto plain = chat(with_prompt("Hello"), "malformed-at=2");
  EXPECT_EQ(plain->status(), 200);
  EXPECT_TRUE(plain->finished());
  EXPECT_FALSE(Json::accept(plain->body()));
}

TEST_F(MisbehaviourTest, ErrorInTheMiddle) {
  const auto exchange = chat(with_prompt("Hello", streamed), "error-after=2");
  const Heard heard = hear(exchange->body());
  EXPECT_EQ(content_events(heard), 2U);
  EXPECT_EQ(heard.events.back()["error"]["type"], "server_error");
  EXPECT_FALSE(heard.done);
  EXPECT_TRUE(exchange->finished());
  EXPECT_FALSE(exchange->aborted());
}

TEST_F(MisbehaviourTest, DripsBytes) {
  const std::string whole = chat(with_prompt("Hello", {{"stream", true}}))->body();
  const auto exchange = chat(with_prompt("Hello", {{"stream", true}}), "drip-ms=0");
  EXPECT_EQ(exchange->body().size(), whole.size());
  EXPECT_EQ(exchange->writes().size(), whole.size());
  const auto plain = chat(with_prompt("Hello"), "drip-ms=0");
  EXPECT_EQ(plain->writes().size(), plain->body().size());
  EXPECT_TRUE(Json::accept(plain->body()));
  FakeExchange slow("POST", "/v1/chat/completions", with_prompt("Hello"), {{"x-simulate", "drip-ms=3600000"}});
  EXPECT_FALSE(run(provider(), slow));
  EXPECT_TRUE(slow.begun());
}

TEST_F(MisbehaviourTest, LeavesOutUsageOrDone) {
  const Heard heard = hear(chat(with_prompt("Hello", streamed), "no-usage")->body());
  EXPECT_TRUE(heard.usage.is_null());
  EXPECT_TRUE(heard.done);
  EXPECT_FALSE(ask(with_prompt("Hello"), "no-usage").contains("usage"));
  const auto exchange = chat(with_prompt("Hello", streamed), "no-done");
  EXPECT_FALSE(hear(exchange->body()).done);
  EXPECT_TRUE(exchange->finished());
  EXPECT_EQ(billing()["requests"], 3);
}

TEST_F(MisbehaviourTest, Waits) {
  for (const char* header : {"delay-ms=100000", "ttft-ms=100000"}) {
    FakeExchange exchange("POST", "/v1/chat/completions", with_prompt("Hello", streamed), {{"x-simulate", header}});
    EXPECT_FALSE(run(provider(), exchange));
    EXPECT_EQ(exchange.begun(), std::string_view(header).starts_with("ttft"));
    EXPECT_TRUE(exchange.writes().empty());
  }
  EXPECT_EQ(chat(with_prompt("Hello"), "delay-ms=0")->status(), 200);
}

TEST_F(MisbehaviourTest, AnswersOtherThings) {
  const auto html = chat(with_prompt("Hello", streamed), "html");
  EXPECT_EQ(html->status(), 200);
  EXPECT_EQ(html->field("content-type"), "text/html; charset=utf-8");
  const auto error = chat(with_prompt("Hello"), "error-body");
  EXPECT_EQ(error->status(), 200);
  EXPECT_TRUE(Json::parse(error->body()).contains("error"));
  const Json empty = ask(with_prompt("Hello"), "empty");
  EXPECT_EQ(content_of(empty), "");
  EXPECT_EQ(empty["usage"]["completion_tokens"], 0);
  EXPECT_EQ(content_events(hear(chat(with_prompt("Hello", streamed), "empty")->body())), 0U);
  const auto dropped = chat(with_prompt("Hello"), "drop");
  EXPECT_FALSE(dropped->begun());
  EXPECT_TRUE(dropped->aborted());
}

TEST_F(MisbehaviourTest, SendsAnEventOfThatSize) {
  for (const std::size_t size : {400U, 70'000U}) {
    const auto exchange = chat(with_prompt("Hello", streamed), "event-bytes=" + std::to_string(size));
    ASSERT_EQ(exchange->writes().size(), 5U);
    EXPECT_EQ(exchange->writes()[1].size(), size);
    EXPECT_TRUE(hear(exchange->body()).done);
  }
  EXPECT_EQ(content_of(ask(with_prompt("Hello"), "event-bytes=500")).size(), 500U);
}

TEST_F(MisbehaviourTest, OnlyForTheFirstRequests) {
  const std::string header = "status=503; first=2; key=a";
  EXPECT_EQ(chat(with_prompt("Hello"), header)->status(), 503);
  EXPECT_EQ(chat(with_prompt("Hello"), header)->status(), 503);
  EXPECT_EQ(chat(with_prompt("Hello"), header)->status(), 200);
  EXPECT_EQ(chat(with_prompt("Hello"), "status=503; first=2; key=b")->status(), 503);
}

TEST_F(MisbehaviourTest, OnlyForOneModel) {
  use("models: {a: {}, b: {}}");
  EXPECT_EQ(chat(with_prompt("Hello", {{"model", "a"}}), "status=503; model=a")->status(), 503);
  EXPECT_EQ(chat(with_prompt("Hello", {{"model", "b"}}), "status=503; model=a")->status(), 200);
}

TEST_F(MisbehaviourTest, IsStrict) {
  for (const char* header :
       {"statsu=500", "status", "status=99", "status=5000", "status=50x", "cut-after=-1", "drip-ms=", "html=1",
        "stall-ms=99999999", "first=0", "=5", "event-bytes=0", "model=", "\xFF\x80"}) {
    const auto exchange = chat(with_prompt("Hello"), header);
    EXPECT_EQ(exchange->status(), 400) << header;
    ASSERT_TRUE(Json::accept(exchange->body())) << header;
    EXPECT_EQ(Json::parse(exchange->body())["error"]["param"], "x-simulate");
  }
  EXPECT_EQ(chat(with_prompt("Hello"), " ; ;no-usage ; ")->status(), 200);
}

TEST_F(MisbehaviourTest, WorksForOtherEndpointsToo) {
  const std::vector<OwnedField> status{{"x-simulate", "status=500"}};
  EXPECT_EQ(send("GET", "/v1/models", {}, status)->status(), 500);
  EXPECT_EQ(send("POST", "/v1/completions", R"({"model":"m","prompt":"x"})", status)->status(), 500);
  const auto cut = send("POST", "/v1/audio/speech", "{}", {{"x-simulate", "cut-after=500"}});
  EXPECT_TRUE(cut->aborted());
  EXPECT_LT(cut->body().size(), *cut->length());
}

}  // namespace
}  // namespace triage::test
