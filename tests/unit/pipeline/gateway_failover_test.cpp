#include "gateway_fixture.hpp"

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

TEST_F(GatewayTest, WhereAllHaveAskedForRestTheClientIsToldTheSoonest) {
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
}

}  // namespace
}  // namespace triage::gateway_test
