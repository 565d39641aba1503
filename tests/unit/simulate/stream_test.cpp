// POST /v1/chat/completions with "stream": true, and when things are sent.

#include "provider_fixture.hpp"

namespace triage::test {
namespace {

using StreamTest = ProviderTest;

const Json with_usage{{"stream", true}, {"stream_options", {{"include_usage", true}}}};

TEST_F(StreamTest, IsTheSameAnswerAsThePlainOne) {
  for (Json extra : {Json::object(), Json{{"n", 3}}, Json{{"max_tokens", 4}}, Json{{"stop", "."}}}) {
    const Json plain = ask(with_prompt("Tell me a story", extra));
    extra.update(with_usage);
    const auto exchange = chat(with_prompt("Tell me a story", extra));
    EXPECT_EQ(exchange->field("content-type"), "text/event-stream; charset=utf-8");
    EXPECT_TRUE(exchange->finished());
    const Heard heard = hear(exchange->body());
    EXPECT_TRUE(heard.done);
    EXPECT_EQ(heard.usage, plain["usage"]);
    ASSERT_EQ(heard.text.size(), plain["choices"].size());
    for (const auto& [index, text] : heard.text) {
      EXPECT_EQ(text, content_of(plain, index));
      EXPECT_EQ(heard.finish.at(index),
                plain["choices"][static_cast<std::size_t>(index)]["finish_reason"].get<std::string>());
    }
  }
}

TEST_F(StreamTest, HasRoleThenTokensThenFinishThenUsageThenDone) {
  const auto exchange = chat(with_prompt("Hello", with_usage));
  const Heard heard = hear(exchange->body());
  const auto& events = heard.events;
  const std::size_t tokens = heard.usage["completion_tokens"];
  ASSERT_EQ(events.size(), tokens + 3);
  EXPECT_EQ(events.front()["choices"][0]["delta"]["role"], "assistant");
  EXPECT_EQ(events.front()["object"], "chat.completion.chunk");
  for (std::size_t i = 1; i <= tokens; ++i) {
    EXPECT_FALSE(events[i]["choices"][0]["delta"]["content"].get<std::string>().empty());
    EXPECT_EQ(events[i]["usage"], nullptr);
    EXPECT_EQ(events[i]["id"], events[0]["id"]);
  }
  EXPECT_EQ(events[tokens + 1]["choices"][0]["finish_reason"], "stop");
  EXPECT_EQ(events[tokens + 1]["choices"][0]["delta"], Json::object());
  EXPECT_EQ(events[tokens + 2]["choices"], Json::array());
  EXPECT_EQ(exchange->writes().size(), events.size() + 1) << "one write an event";
  EXPECT_EQ(exchange->writes().back(), "data: [DONE]\n\n");
}

TEST_F(StreamTest, TellsUsageOnlyWhenAsked) {
  const Heard heard = hear(chat(with_prompt("Hello", {{"stream", true}}))->body());
  EXPECT_TRUE(heard.usage.is_null());
  for (const Json& event : heard.events) EXPECT_FALSE(event.contains("usage"));
}

TEST_F(StreamTest, CarriesLogprobs) {
  const Json extra{{"logprobs", true}, {"top_logprobs", 2}};
  const Json plain = ask(with_prompt("Hello", extra));
  Json streamed = extra;
  streamed["stream"] = true;
  Json content = Json::array();
  for (const Json& event : hear(chat(with_prompt("Hello", streamed))->body()).events) {
    const Json& logprobs = event["choices"][0]["logprobs"];
    if (!logprobs.is_null()) content.push_back(logprobs["content"][0]);
  }
  EXPECT_EQ(content, plain["choices"][0]["logprobs"]["content"]);
}

TEST_F(StreamTest, CoalescesIfTheSpecSaysSo) {
  const std::string apart = chat(with_prompt("Hello", with_usage))->body();
  use("models: {m: {}}\ncoalesce: true");
  const auto exchange = chat(with_prompt("Hello", with_usage));
  EXPECT_EQ(exchange->writes().size(), 1U);
  EXPECT_EQ(exchange->body(), apart);
  EXPECT_GT(chat(with_prompt("Hello", with_usage), "cut-after=3")->writes().size(), 1U);
  use("models: {m: {tokens_per_second: 1000}}\ncoalesce: true");
  FakeExchange slow("POST", "/v1/chat/completions", with_prompt("Hello", with_usage));
  EXPECT_FALSE(run(provider(), slow));
  EXPECT_EQ(slow.writes().size(), 2U) << "the role and the first token";
}

TEST_F(StreamTest, WaitsBeforeTheHead) {
  use("models: {m: {latency: 1h}}");
  for (const bool stream : {false, true}) {
    FakeExchange exchange("POST", "/v1/chat/completions", with_prompt("Hello", {{"stream", stream}}));
    EXPECT_FALSE(run(provider(), exchange));
    EXPECT_FALSE(exchange.begun());
  }
}

TEST_F(StreamTest, WaitsBetweenHeadAndFirstToken) {
  use("models: {m: {ttft: 1h}}");
  FakeExchange exchange("POST", "/v1/chat/completions", with_prompt("Hello", {{"stream", true}}));
  EXPECT_FALSE(run(provider(), exchange));
  EXPECT_TRUE(exchange.begun());
  EXPECT_TRUE(exchange.writes().empty());
  FakeExchange plain("POST", "/v1/chat/completions", with_prompt("Hello"));
  EXPECT_FALSE(run(provider(), plain));
  EXPECT_FALSE(plain.begun());
}

TEST_F(StreamTest, PacesTokens) {
  use("models: {m: {tokens_per_second: 0.001}}");
  FakeExchange exchange("POST", "/v1/chat/completions", with_prompt("Hello", {{"stream", true}}));
  EXPECT_FALSE(run(provider(), exchange));
  EXPECT_EQ(exchange.writes().size(), 2U);
  FakeExchange plain("POST", "/v1/chat/completions", with_prompt("Hello"));
  EXPECT_FALSE(run(provider(), plain));
  EXPECT_FALSE(plain.begun());
}

TEST_F(StreamTest, StopsWaitingWhenTheClientGoes) {
  for (const char* spec :
       {"models: {m: {latency: 1h}}", "models: {m: {ttft: 1h}}", "models: {m: {tokens_per_second: 0.001}}"}) {
    for (const bool stream : {false, true}) {
      use(spec);
      FakeExchange exchange("POST", "/v1/chat/completions", with_prompt("Hello", {{"stream", stream}}));
      Running running(provider(), exchange);
      ASSERT_FALSE(running.poll()) << spec;
      exchange.gone().fire();
      EXPECT_TRUE(running.poll()) << spec;
      EXPECT_FALSE(exchange.finished());
    }
  }
}

TEST_F(StreamTest, BillsTheTokensThatWereSent) {
  FakeExchange exchange("POST", "/v1/chat/completions", with_prompt("Hello", {{"stream", true}}));
  exchange.leave_after(6);  // the role and five tokens; the sixth is lost
  EXPECT_TRUE(run(provider(), exchange));
  EXPECT_TRUE(exchange.aborted());
  EXPECT_EQ(billing()["requests"], 1);
  EXPECT_EQ(billing()["completion_tokens"], 6);
  EXPECT_EQ(billing()["prompt_tokens"], 8);
}

}  // namespace
}  // namespace triage::test
