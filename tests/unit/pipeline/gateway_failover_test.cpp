#include "gateway_fixture.hpp"

#include <algorithm>
#include <thread>

namespace triage::gateway_test {
namespace {

TEST_F(GatewayTest, AnotherDeploymentAnswersWhereOneFails) {
  Canned down;
  down.status = 503;
  down.pieces = {"{}"};
  Canned limited;
  limited.status = 429;
  Canned html;
  html.fields = {{"content-type", "text/html"}};
  html.pieces = {"<html>"};
  Canned error_body;
  error_body.pieces = {R"({"error":{"message":"overloaded"}})"};
  Canned empty;
  empty.pieces = {R"({"choices":[{"message":{"role":"assistant","content":""},"finish_reason":null}]})"};
  Canned refused;
  refused.refused = Error{ErrorCode::upstream_unreachable, "refused"};
  Canned unauthorized;
  unauthorized.status = 401;
  const std::string answer = R"({"choices":[{"message":{"content":"hi"}}]})";
  const std::vector<Canned> failures{down, limited, html, error_body, empty, refused, unauthorized};
  for (std::size_t i = 0; i < failures.size(); ++i) {
    live_state_.breaker("cheap", {}).with([](Breaker& breaker) { breaker = Breaker(); });
    upstream_.answers = {failures[i], good_answer()};
    const auto exchange = chat(R"({"model":"auto"})");
    EXPECT_EQ(exchange->status(), 200) << i;
    EXPECT_EQ(exchange->body(), answer) << i;
    EXPECT_EQ(exchange->field("x-triage-deployment"), "dear") << i;
    EXPECT_EQ(exchange->field("x-triage-tier"), "large") << i;
    EXPECT_EQ(exchange->field("x-triage-attempts"), "2") << i;
  }
  EXPECT_EQ(metric(R"(triage_fallbacks_total{route="chat"})"), static_cast<double>(failures.size()));
}

// To the client a 401 would say that its own key is wrong.
TEST_F(GatewayTest, WhatIsWrongWithTheGatewaysKeyOrModelIsNotTheClientsFault) {
  const struct {
    int status;
    std::string body;
    std::string_view code;
  } cases[] = {
      {401, R"({"error":{"message":"Incorrect API key provided: sk-ab***yz","code":"invalid_api_key"}})",
       "upstream_refused_key"},
      {400, R"({"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT"}})",
       "upstream_refused_key"},
      {404, R"({"error":{"message":"The model `x` does not exist","code":"model_not_found"}})",
       "upstream_refused_model"},
      {404, "<html>not found</html>", "upstream_refused_model"},
  };
  for (const auto& each : cases) {
    live_state_.breaker("dear", {}).with([](Breaker& breaker) { breaker = Breaker(); });
    Canned answer;
    answer.status = each.status;
    answer.pieces = {each.body};
    upstream_.answers = {answer};
    const auto exchange = chat(R"({"model":"dear"})");
    EXPECT_EQ(exchange->status(), 502) << each.body;
    EXPECT_NE(exchange->body().find(each.code), std::string::npos) << exchange->body();
    EXPECT_EQ(exchange->body().find("sk-ab"), std::string::npos);
  }
}

TEST_F(GatewayTest, AStreamThatFailsBeforeItsFirstEventIsAskedForElsewhere) {
  const std::vector<Canned> failures{stream({}), stream({done}),
                                     stream({R"(data: {"error":{"message":"no"}})"
                                             "\n\n"}),
                                     stream({"data: {broken\n\n"})};
  for (const Canned& failure : failures) {
    live_state_.breaker("cheap", {}).with([](Breaker& breaker) { breaker = Breaker(); });
    upstream_.answers = {failure, stream({event("a", "stop"), done})};
    const auto exchange = chat(R"({"model":"auto","stream":true})");
    EXPECT_EQ(exchange->body(), event("a", "stop") + done);
    EXPECT_EQ(exchange->field("x-triage-deployment"), "dear");
  }
}

TEST_F(GatewayTest, TheRequestsOwnFaultIsPassedOnAndNotRepeated) {
  Canned filtered;
  filtered.status = 400;
  filtered.pieces = {
      R"({"error":{"message":"policy","type":"invalid_request_error","param":null,"code":"content_filter"}})"};
  upstream_.answers.push_back(filtered);
  const auto exchange = chat(R"({"model":"auto"})");
  EXPECT_EQ(exchange->status(), 400);
  EXPECT_EQ(code(*exchange), "content_filter");
  EXPECT_EQ(upstream_.sent.size(), 1U);
}

TEST_F(GatewayTest, AnEjectedDeploymentIsPassedOverUntilItMayProveItself) {
  Canned refused;
  refused.refused = Error{ErrorCode::upstream_unreachable, "refused"};
  const auto asked = [&] { return json::parse(upstream_.sent.back().body)["model"].get<std::string>(); };
  for (int i = 0; i < 5; ++i) {
    upstream_.answers = {refused, good_answer()};
    chat(R"({"model":"auto"})");
  }
  const std::size_t before = upstream_.sent.size();
  upstream_.answers = {good_answer()};
  EXPECT_EQ(chat(R"({"model":"auto"})")->status(), 200);
  EXPECT_EQ(upstream_.sent.size(), before + 1);
  EXPECT_EQ(asked(), "dear-model");
}

TEST_F(GatewayTest, WhereAllHaveAskedForRestTheClientIsToldTheSoonestAndNobodyIsCalled) {
  const auto limited = [](const char* seconds) {
    Canned answer = failing(429);
    answer.fields.emplace_back("retry-after", seconds);
    return answer;
  };
  upstream_.answers = {limited("7"), limited("20")};
  const auto first = chat(R"({"model":"auto"})");
  EXPECT_EQ(first->status(), 429);
  EXPECT_EQ(first->field("retry-after"), "7");
  EXPECT_EQ(upstream_.sent.size(), 2U);
  for (const char* const body : {R"({"model":"auto"})", R"({"model":"auto","stream":true})"}) {
    const auto second = chat(body);
    EXPECT_EQ(second->status(), 429);
    EXPECT_EQ(second->field("retry-after"), "7");
    EXPECT_EQ(second->field("x-triage-route"), "chat");
    EXPECT_EQ(code(*second), "upstream_error");
  }
  EXPECT_EQ(upstream_.sent.size(), 2U) << "they rest";
}

TEST_F(GatewayTest, ARestIsNotLongerThanTheConfigurationAllows) {
  use(config_text() + "breaker: {rest_max: 40ms}\n");
  live_state_.use(snapshot_->spec);
  Canned limited = failing(503);
  limited.fields.emplace_back("retry-after", "3600");
  upstream_.answers = {limited};
  EXPECT_EQ(chat(R"({"model":"single"})")->field("retry-after"), "1");
  EXPECT_EQ(chat(R"({"model":"single"})")->status(), 429);
  EXPECT_EQ(upstream_.sent.size(), 1U);
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  EXPECT_EQ(chat(R"({"model":"single"})")->status(), 200);
}

TEST_F(GatewayTest, A429WithoutAWordIsNoRequestForRest) {
  upstream_.answers = {failing(429), failing(429)};
  EXPECT_EQ(chat(R"({"model":"auto"})")->status(), 429);
  EXPECT_EQ(chat(R"({"model":"auto"})")->status(), 200) << "whoever is out first is asked rather than nobody";
}

// Of eight deployments at a host that says nothing and one at another host.
class SilentHostTest : public GatewayTest {
 protected:
  SilentHostTest() {
    std::string deployments, members;
    for (int i = 0; i < 8; ++i) {
      deployments += "  s" + std::to_string(i) + ": {provider: silent, model: silent-" + std::to_string(i) + "}\n";
      members += "s" + std::to_string(i) + ", ";
    }
    use("providers:\n  silent: {base_url: \"http://127.0.0.1:1/v1\"}\n  other: {base_url: \"http://127.0.0.1:2/v1\"}\n"
        "deployments:\n" +
        deployments +
        "  good: {provider: other}\ntiers: [small]\n"
        "routes:\n  chat: {match: {models: [auto]}, tiers: {small: [" +
        members + "good]}, retry: {attempts: 1}}\n");
  }
  [[nodiscard]] std::size_t silent_calls() const {
    return static_cast<std::size_t>(
        std::ranges::count(upstream_.sent, "silent", &test::CannedUpstream::Sent::provider));
  }
};

TEST_F(SilentHostTest, OneFailureSendsTheRequestToAnotherHostAndFiveAllRequests) {
  for (const ErrorCode code : {ErrorCode::upstream_first_byte_timeout, ErrorCode::upstream_connect_timeout}) {
    Canned silent;
    silent.refused = Error{code, "silent"};
    for (int i = 0; i < 20; ++i) {
      const std::size_t before = silent_calls();
      upstream_.answers.clear();
      upstream_.by_provider["silent"] = silent;
      upstream_.by_provider["other"] = good_answer();
      const auto answer = chat(R"({"model":"auto"})");
      EXPECT_EQ(answer->status(), 200) << i;
      EXPECT_EQ(answer->field("x-triage-deployment"), "good");
      EXPECT_LE(silent_calls() - before, 1U) << i;
    }
  }
  EXPECT_LE(silent_calls(), 6U);
  EXPECT_GE(silent_calls(), 5U);
}

TEST_F(SilentHostTest, WhoAnswersAtAllIsNotSilent) {
  upstream_.by_provider["silent"] = failing(500);
  upstream_.by_provider["other"] = good_answer();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(chat(R"({"model":"auto"})")->status(), 200);
  EXPECT_GT(silent_calls(), 20U) << "each deployment has a breaker of its own for that";
}

}  // namespace
}  // namespace triage::gateway_test
