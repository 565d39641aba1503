// A route whose answers are held and verified: what goes out in every order in which things can happen.
#include "support/fake_ledger.hpp"
#include "unit/pipeline/gateway_fixture.hpp"

#include <random>

namespace triage::gateway_test {
namespace {

constexpr std::string_view cascade_config = R"(
providers:
  p: {base_url: "http://127.0.0.1:1/base/v1"}
deployments:
  cheap: {provider: p, model: cheap-model, price: {input: 1, output: 1}}
  middle: {provider: p, model: middle-model, price: {input: 2, output: 2}}
  dear: {provider: p, model: dear-model, price: {input: 3, output: 3}}
tiers: [small, medium, large]
limits: {held: 2KiB, held_total: 1MiB}
routes:
  full: {match: {models: [full]}, tiers: {small: [cheap], large: [dear]}, @common, cascade: {verify: checks}}
  none: {match: {models: [none]}, tiers: {small: [cheap], large: [dear]}, @common, cascade: {verify: checks, hold: none}}
  window: {match: {models: [window]}, tiers: {small: [cheap], large: [dear]}, @common, cascade: {verify: checks, hold: {tokens: 8}}}
  high: {match: {models: [high]}, tiers: {small: [cheap], medium: [middle], large: [dear]}, @common, cascade: {verify: checks, escalations_max: 2}}
  agent: {match: {models: [agent]}, tiers: {small: [cheap], large: [dear]}, @common, cascade: {verify: checks}, latch: true}
  sure: {match: {models: [sure]}, tiers: {small: [cheap], large: [dear]}, @common, cascade: {verify: {logprob: {at_least: 0.5}}, hold: {tokens: 8}}}
)";
constexpr std::string_view common = "routers: [{fixed: {tier: small}}], retry: {attempts: 1}, sticky: 0s";

const std::string good = "Paris has been the capital of France for a long time, as everybody there will tell you.";
const std::string better = "It is Paris, which lies on the Seine, and has been so since Clovis, with some pauses.";
const std::string refusal =
    "I'm sorry, but I can't help with that request, and there is nothing more to be said of it.";

// A word an event, one event a piece.
std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t next = std::min(text.find(' ', at + 1), text.size());
    out.push_back(event(text.substr(at, next - at)));
    at = next;
  }
  return out;
}
Canned streamed(const std::string& text) {
  std::vector<std::string> pieces = words(text);
  pieces.push_back(event("", "stop"));
  pieces.push_back(usage_event + done);
  return stream(std::move(pieces));
}
Canned cut(const std::string& text, std::size_t events) {
  std::vector<std::string> pieces = words(text);
  pieces.resize(std::min(events, pieces.size()));
  Canned answer = stream(std::move(pieces));
  answer.broken = Error{ErrorCode::upstream_truncated, "cut"};
  return answer;
}

std::string text_of(const std::string& events) {
  std::string out;
  for (std::size_t at = 0; (at = events.find("data: {", at)) != std::string::npos; ++at) {
    const json value = json::parse(events.substr(at + 6, events.find('\n', at) - at - 6));
    if (value.contains("choices") && !value["choices"].empty())
      out += value["choices"][0]["delta"].value("content", "");
  }
  return out;
}

class CascadeTest : public GatewayTest {
 protected:
  CascadeTest() { use(std::string(cascade_config), &ledger_, common); }

  std::unique_ptr<FakeExchange> make(const std::string& model, bool streamed,
                                     std::vector<test::OwnedField> fields = {}) {
    const json body{{"model", model},
                    {"stream", streamed},
                    {"messages", {{{"role", "user"}, {"content", "What is the capital of France?"}}}}};
    return std::make_unique<FakeExchange>("POST", "/v1/chat/completions", body.dump(), std::move(fields));
  }
  std::unique_ptr<FakeExchange> ask(const std::string& model, bool streamed,
                                    std::vector<test::OwnedField> fields = {}) {
    upstream_.sent.clear();
    auto exchange = make(model, streamed, std::move(fields));
    run(*exchange);
    upstream_.answers.clear();
    return exchange;
  }
  std::vector<std::string> ends() {
    std::vector<std::string> out;
    for (const json& attempt : ledger_.records.back()["attempts"])
      out.push_back(attempt["deployment"].get<std::string>() + ' ' + attempt["end"].get<std::string>());
    return out;
  }

  test::FakeLedger ledger_;
};
using Ends = std::vector<std::string>;

TEST_F(CascadeTest, AHeldStreamGoesOutInOnePieceAndAWindowsPartly) {
  upstream_.answers = {streamed(good)};
  const auto held = ask("full", true);
  EXPECT_EQ(text_of(held->body()), good);
  EXPECT_EQ(held->writes().size(), 2U) << "the answer, and its end";
  EXPECT_EQ(held->field("x-triage-attempts"), "1");
  EXPECT_TRUE(held->kept_alive());
  upstream_.answers = {streamed(good)};
  const auto window = ask("window", true);
  EXPECT_EQ(text_of(window->body()), good);
  EXPECT_GT(window->writes().size(), 5U);
  EXPECT_LT(text_of(window->writes()[0]).size(), good.size() / 2);
  EXPECT_EQ(live_state_.held().held(), 0);
}

TEST_F(CascadeTest, WhatComesWithTheEndIsVerifiedToo) {
  for (const std::size_t pieces : {1U, 2U, 3U}) {
    Canned answer = streamed(good);
    std::vector<std::string> merged(pieces);
    for (std::size_t i = 0; i < answer.pieces.size(); ++i) merged[std::min(i, pieces - 1)] += answer.pieces[i];
    answer.pieces = merged;
    upstream_.answers = {answer};
    EXPECT_EQ(text_of(ask("full", true)->body()), good) << pieces;
    EXPECT_EQ(ends(), Ends{"cheap completed"}) << pieces;
    upstream_.answers = {stream({event("", nullptr) + event("Paris"), event(".", "length") + done}), streamed(better)};
    EXPECT_EQ(text_of(ask("full", true)->body()), better) << "cut off by a limit, said at the end";
  }
}

TEST_F(CascadeTest, AnEscalatedTaskStaysUpUntilTheNextUserTurn) {
  const json question{{"role", "user"}, {"content", "What is the capital of France?"}};
  const json call{
      {"role", "assistant"},
      {"tool_calls", {{{"id", "1"}, {"type", "function"}, {"function", {{"name", "f"}, {"arguments", "{}"}}}}}}};
  const json result{{"role", "tool"}, {"tool_call_id", "1"}, {"content", "48 N"}};
  const auto asked = [&](const std::string& model, const json& messages) {
    upstream_.sent.clear();
    FakeExchange exchange("POST", "/v1/chat/completions", json{{"model", model}, {"messages", messages}}.dump());
    run(exchange);
    upstream_.answers.clear();
    return ends();
  };
  upstream_.answers = {whole(refusal), whole(better)};
  EXPECT_EQ(asked("agent", json::array({question})), (Ends{"cheap rejected", "dear completed"}));
  for (int step = 0; step < 2; ++step) {
    upstream_.answers = {whole(good)};
    EXPECT_EQ(asked("agent", {question, call, result}), Ends{"dear completed"}) << "step " << step;
  }
  upstream_.answers = {whole(good)};
  EXPECT_EQ(asked("agent", {question, call, result, question}), Ends{"cheap completed"}) << "another task";
  upstream_.answers = {whole(good)};
  EXPECT_EQ(asked("agent", {question, call, result, question, call, result}), Ends{"cheap completed"});
  upstream_.answers = {whole(refusal), whole(better)};
  asked("full", json::array({question}));
  upstream_.answers = {whole(good)};
  EXPECT_EQ(asked("full", {question, call, result}), Ends{"cheap completed"}) << "without latch and sticky";
}

TEST_F(CascadeTest, EveryChoiceIsVerified) {
  const auto choice = [](int index, const std::string& text) {
    return json{{"index", index}, {"message", {{"role", "assistant"}, {"content", text}}}, {"finish_reason", "stop"}};
  };
  const auto both = [&](const std::string& first, const std::string& second) {
    Canned answer;
    answer.pieces = {json{{"choices", {choice(0, first), choice(1, second)}}}.dump()};
    return answer;
  };
  const std::string body =
      R"({"model":"full","n":2,"messages":[{"role":"user","content":"What is the capital of France?"}]})";
  upstream_.answers = {both(good, refusal), both(better, better)};
  FakeExchange exchange("POST", "/v1/chat/completions", body, {});
  run(exchange);
  EXPECT_EQ(ends(), (Ends{"cheap rejected", "dear completed"}));
  EXPECT_EQ(ledger_.records.back()["attempts"][0]["verdict"].get<std::string>().find("choice 2: "), 0U);
  upstream_.answers = {both(good, better)};
  FakeExchange again("POST", "/v1/chat/completions", body, {});
  run(again);
  EXPECT_EQ(ends(), Ends{"cheap completed"});
}

TEST_F(CascadeTest, ACutAnswerIsAskedForElsewhereUnlessItsBeginningIsOut) {
  upstream_.answers = {cut(good, 4), streamed(better)};
  EXPECT_EQ(text_of(ask("full", true)->body()), better);
  EXPECT_EQ(ends(), (Ends{"cheap truncated", "dear completed"}));
  upstream_.answers = {cut(good, 12), streamed(better)};
  const auto window = ask("window", true);
  EXPECT_TRUE(good.starts_with(text_of(window->body().substr(0, window->body().find("data: {\"error\"")))));
  EXPECT_NE(window->body().find("upstream_truncated"), std::string::npos);
  EXPECT_EQ(window->body().find("[DONE]"), std::string::npos);
  EXPECT_EQ(ends(), (Ends{"cheap truncated"}));
}

TEST_F(CascadeTest, OfTwoRejectedAnswersTheSecondIsKept) {
  const std::string shrug = "I'm sorry, but I cannot assist with that either, whatever you may say.";
  for (const bool stream : {false, true}) {
    upstream_.answers = {stream ? streamed(refusal) : whole(refusal), stream ? streamed(shrug) : whole(shrug),
                         failing(400)};
    const auto exchange = ask("high", stream);
    EXPECT_EQ(exchange->status(), 200);
    EXPECT_NE(exchange->body().find("either"), std::string::npos);
    EXPECT_EQ(exchange->body().find("nothing more"), std::string::npos);
    EXPECT_EQ(exchange->field("x-triage-deployment"), "middle");
    EXPECT_EQ(exchange->field("x-triage-attempts"), "3");
    EXPECT_EQ(ends(), (Ends{"cheap rejected", "middle completed", "dear failed"}));
    EXPECT_EQ(ledger_.records.back()["tier"], "medium");
  }
}

TEST_F(CascadeTest, TheProvidersOwnErrorIsToldWhereNothingIsHeld) {
  upstream_.answers = {failing(400)};
  const auto exchange = ask("full", false);
  EXPECT_EQ(exchange->status(), 400);
  EXPECT_EQ(upstream_.sent.size(), 1U);
}

TEST_F(CascadeTest, AClientThatLeavesWhileItsAnswerIsOnTheWayCostsNoEscalation) {
  for (std::size_t sends = 0; sends < 4; ++sends) {
    upstream_.answers = {streamed(good), streamed(better)};
    upstream_.sent.clear();
    const auto exchange = make("window", true);
    exchange->leave_after(sends);
    EXPECT_TRUE(test::run(*gateway_, *exchange));
    EXPECT_EQ(upstream_.sent.size(), 1U);
    EXPECT_EQ(ledger_.records.back()["outcome"], "cancelled") << sends;
    EXPECT_EQ(live_state_.held().held(), 0);
    upstream_.answers.clear();
  }
}

TEST_F(CascadeTest, OneAnswerLargerThanMayBeHeldCostsTheOthersNothing) {
  upstream_.answers = {streamed(std::string(3000, 'x')), streamed(better)};
  EXPECT_EQ(text_of(ask("full", true)->body()), better);
  EXPECT_EQ(metric(R"(triage_limit_hits_total{listener="gateway",limit="held"})"), 1);
  live_state_.held().add(1 << 20);
  upstream_.answers = {streamed(better)};
  EXPECT_EQ(text_of(ask("full", true)->body()), better);
  EXPECT_EQ(json::parse(upstream_.sent[0].body)["model"], "dear-model");
  EXPECT_EQ(metric(R"(triage_limit_hits_total{listener="gateway",limit="held_total"})"), 1);
}

TEST_F(CascadeTest, LogprobsThatOnlyTheVerifierWantedDoNotGoOut) {
  const auto with_logprobs = [](const std::string& text, double logprob) {
    std::vector<std::string> pieces;
    for (const std::string& word : words(text)) {
      json value = json::parse(word.substr(6));
      value["choices"][0]["logprobs"] = {{"content", {{{"token", "x"}, {"logprob", logprob}}}}};
      pieces.push_back("data: " + value.dump() + "\n\n");
    }
    pieces.push_back(event("", "stop") + usage_event + done);
    return stream(std::move(pieces));
  };
  upstream_.answers = {with_logprobs(good, -0.01)};
  const auto accepted = ask("sure", true);
  EXPECT_EQ(text_of(accepted->body()), good);
  EXPECT_EQ(accepted->body().find("-0.01"), std::string::npos);
  EXPECT_EQ(json::parse(upstream_.sent[0].body)["logprobs"], true);
  upstream_.answers = {with_logprobs(good, -5), streamed(better)};
  EXPECT_EQ(text_of(ask("sure", true)->body()), better);
  EXPECT_FALSE(json::parse(upstream_.sent[1].body).contains("logprobs"));
}

TEST_F(CascadeTest, TheHeaderSwitchesItOffOrForcesIt) {
  for (const bool stream : {false, true}) {
    upstream_.answers = {stream ? streamed(refusal) : whole(refusal)};
    EXPECT_NE(ask("full", stream, {{"x-triage-cascade", "off"}})->body().find("sorry"), std::string::npos);
    EXPECT_EQ(ask("full", stream, {{"x-triage-cascade", "force"}})->field("x-triage-deployment"), "dear");
    EXPECT_EQ(ledger_.records.back()["attempts"][0]["cause"], "escalation");
  }
  EXPECT_EQ(live_state_.escalations("full", {}).share(), 0) << "what was not judged does not count";
}

// Whatever the providers do, in whatever pieces, the client gets one answer as one of them gave it, or the beginning of
// one and an error, or an error; and nothing stays held.
TEST_F(CascadeTest, NeverTwoAnswersGluedTogether) {
  std::mt19937 random(20261123);
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
  const std::vector<std::string> texts{good, refusal, better, "Short and good.", std::string(2500, 'z')};
  const std::vector<std::string> models{"full", "none", "window", "high"};
  for (int round = 0; round < 3000; ++round) {
    for (const char* name : {"cheap", "middle", "dear"})
      live_state_.breaker(name, {}).with([](Breaker& b) { b = Breaker(); });
    const bool wants_stream = below(3) != 0;
    upstream_.answers.clear();
    for (int i = 0; i < 4; ++i) {
      const std::string text = texts[below(texts.size())];
      const std::size_t kind = below(8);
      Canned answer = kind == 0                    ? failing(503)
                      : kind == 1                  ? failing(400)
                      : kind == 2                  ? cut(text, below(12))
                      : kind == 3 || !wants_stream ? whole(text)
                                                   : streamed(text);
      if (kind > 2 && below(2) == 0) {  // torn anywhere
        std::string all;
        for (const std::string& piece : answer.pieces) all += piece;
        answer.pieces.clear();
        for (std::size_t at = 0; at < all.size();) {
          const std::size_t size = std::min(1 + below(300), all.size() - at);
          answer.pieces.push_back(all.substr(at, size));
          at += size;
        }
      }
      upstream_.answers.push_back(std::move(answer));
    }
    const auto exchange = ask(models[below(models.size())], wants_stream);
    const std::string body = exchange->body();
    ASSERT_EQ(live_state_.held().held(), 0);
    const json& record = ledger_.records.back();
    std::int64_t sum = 0;
    for (const json& attempt : record["attempts"]) sum += attempt["cost_nano_usd"].get<std::int64_t>();
    ASSERT_EQ(record["cost_nano_usd"], sum);
    if (exchange->streamed()) {
      const std::size_t error = body.find("data: {\"error\"");
      const std::string said = text_of(body.substr(0, error));
      const auto is = [&](const std::string& text) {
        return error == std::string::npos ? said == text : text.starts_with(said);
      };
      ASSERT_TRUE(std::any_of(texts.begin(), texts.end(), is)) << body;
      ASSERT_EQ(body.find("[DONE]") == std::string::npos, error != std::string::npos) << body;
      ASSERT_EQ(body.find("[DONE]"), body.rfind("[DONE]"));
    } else if (exchange->status() == 200) {
      const std::string said = json::parse(body)["choices"][0]["message"]["content"];
      ASSERT_NE(std::find(texts.begin(), texts.end(), said), texts.end());
    } else {
      ASSERT_TRUE(json::parse(body).contains("error"));
    }
    ledger_.records.clear();
  }
}

}  // namespace
}  // namespace triage::gateway_test
