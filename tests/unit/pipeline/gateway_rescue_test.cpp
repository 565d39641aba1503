// A stream that breaks off after the client has its beginning, on routes that rescue it: what goes out, what is asked,
// and what the record says.
#include "unit/pipeline/rescue_fixture.hpp"

#include <random>

namespace triage::gateway_test::rescue {
namespace {

TEST_F(RescueTest, TheSameWordsAgainMakeOneStreamWhereverTheFirstWasCut) {
  const std::size_t events = first.pieces(good, 5).size();
  for (std::size_t at = 1; at <= events; ++at)
    for (const std::size_t size : {1U, 4U, 7U, 500U}) {
      const Answer got = ask("splice", {cut_after(at), second.whole(good, size, at % 2 == 0)});
      ASSERT_TRUE(got.done) << at << ' ' << got.body;
      ASSERT_EQ(got.text, good);
      const json& record = ledger_.records.back();
      ASSERT_EQ(ends(), (Ends{"cheap first truncated", "dear rescue completed"}));
      ASSERT_EQ(record["outcome"], "ok");
      ASSERT_EQ(record["finish_reason"], "stop");
      ASSERT_EQ(record["answer"], good) << "what is read for the record is the whole, once";
      ASSERT_EQ(record["tier"], "large");
      ASSERT_EQ(record["attempts"][1]["cost_nano_usd"], 50 * 3000);
      ASSERT_EQ(record["cost_nano_usd"], record["attempts"][0]["cost_nano_usd"].get<int>() + 50 * 3000);
      ASSERT_EQ(record["frontier_cost_nano_usd"], 50 * 3000);
      ASSERT_EQ(got.body.find("prompt_tokens"), std::string::npos) << "usage that nobody asked for";
    }
  EXPECT_EQ(rescues("splice", "rescued"), static_cast<double>(4 * events));
  EXPECT_EQ(rescues("splice", "failed"), 0);
  EXPECT_EQ(upstream_.sent[0].body.substr(upstream_.sent[0].body.find("\"stream\"")),
            upstream_.sent[1].body.substr(upstream_.sent[1].body.find("\"stream\"")));
}

TEST_F(RescueTest, UsageIsTheSeconds) {
  const Answer got = ask("splice", {cut_after(4), second.whole(good)}, {{"stream_options", {{"include_usage", true}}}});
  EXPECT_EQ(got.text, good);
  EXPECT_EQ(events_of(got.body).back()["usage"]["total_tokens"], 50);
}

TEST_F(RescueTest, WhateverBreaksTheStreamIsRescued) {
  std::vector<Canned> broken;
  for (const ErrorCode code : {ErrorCode::upstream_idle_timeout, ErrorCode::upstream_unreachable})
    broken.push_back(Teller::cut(first.pieces(good.substr(0, 20), 5), code));
  for (const char* last : {"data: {\"error\":{\"message\":\"overloaded\"}}\n\n", "data: {\"cho\n\n"}) {
    auto pieces = first.pieces(good.substr(0, 20), 5);
    pieces.emplace_back(last);
    broken.push_back(stream(std::move(pieces)));
  }
  broken.push_back(stream(first.pieces(good.substr(0, 20), 5)));  // ends as if all were well
  for (const Canned& each : broken) EXPECT_EQ(ask("splice", {each, second.whole(good)}).text, good);
  EXPECT_EQ(rescues("splice", "rescued"), 5);
}

TEST_F(RescueTest, AnotherAnswerIsNeverGluedOn) {
  for (const bool tight : {false, true})
    for (const std::string& other : {"Rome" + good, good.substr(0, 12) + "X" + good.substr(13), good.substr(0, 10)}) {
      const Answer got = ask("splice", {cut_after(6), second.whole(other, 5, tight)});
      EXPECT_TRUE(good.starts_with(got.text)) << got.text;
      EXPECT_EQ(got.code, "upstream_truncated");
      EXPECT_NE(got.body.find("the first was cut"), std::string::npos);
      EXPECT_EQ(ends(), (Ends{"cheap first truncated", "dear rescue rejected"}));
      const json& record = ledger_.records.back();
      EXPECT_EQ(record["outcome"], "upstream_error");
      EXPECT_EQ(record["error"], "upstream_truncated");
      EXPECT_EQ(record["finish_reason"], nullptr);
      EXPECT_EQ(record["tier"], "small") << "the client has the first one's";
      EXPECT_EQ(record["frontier_cost_nano_usd"], 0);
      EXPECT_GT(record["attempts"][1]["cost_nano_usd"], 0);
      EXPECT_NE(record["attempts"][1]["verdict"].get<std::string>().find("the client has"), std::string::npos);
    }
  EXPECT_EQ(rescues("splice", "failed"), 6);
  EXPECT_EQ(metric(R"(triage_attempts_total{deployment="dear",outcome="ok"})"), 6) << "no failure of its own";
}

TEST_F(RescueTest, TheSecondsOwnFailureIsNotTheClientsAffair) {
  auto pieces = second.pieces(good, 5);
  pieces.resize(12);
  for (const Canned& other : {refused(400), refused(503), Teller::cut(pieces), stream({})}) {
    const Answer got = ask("splice", {cut_after(6), other, second.whole(good)});
    EXPECT_TRUE(good.starts_with(got.text));
    EXPECT_NE(got.body.find("the first was cut"), std::string::npos);
    EXPECT_EQ(upstream_.sent.size(), 2U) << "one rescue a request";
    EXPECT_EQ(ledger_.records.back()["error"], "upstream_truncated");
  }
}

TEST_F(RescueTest, TheSameDeploymentMayBeAskedAgain) {
  EXPECT_EQ(ask("again", {cut_after(6), second.whole(good)}).text, good);
  EXPECT_EQ(ends(), (Ends{"cheap first truncated", "cheap rescue completed"}));
}

TEST_F(RescueTest, OnlyPlainTextOfOneChoiceIsRescued) {
  const auto with = [](const std::string& event) {
    auto pieces = first.pieces(good.substr(0, 20), 5);
    pieces.push_back(event);
    return Teller::cut(std::move(pieces));
  };
  const json call{{"tool_calls", {{{"index", 0}, {"id", "x"}, {"function", {{"name", "f"}, {"arguments", "{"}}}}}}};
  for (const std::string& event :
       {first.event(call), first.event({{"refusal", "No"}}), first.event({{"reasoning_content", "Hm"}}),
        first.event({{"content", "x"}}, nullptr, {{"logprobs", {{"content", json::array()}}}}),
        first.event({{"content", "x"}}, nullptr, {{"index", 1}}), first.event({{"content", std::string(2100, 'x')}})}) {
    EXPECT_EQ(ask("splice", {with(event), second.whole(good)}).code, "upstream_truncated") << event;
    EXPECT_EQ(upstream_.sent.size(), 1U) << event;
  }
  EXPECT_EQ(metric(R"(triage_limit_hits_total{listener="gateway",limit="held"})"), 1);
  EXPECT_EQ(ask("splice", {cut_after(6), second.whole(good)}, {{"n", 2}}).code, "upstream_truncated");
  EXPECT_EQ(ask("off", {cut_after(6), second.whole(good)}).code, "upstream_truncated");
  EXPECT_EQ(ends(), (Ends{"cheap first truncated"}));
  EXPECT_EQ(rescues("splice", "rescued") + rescues("splice", "failed"), 0);
  live_state_.held().add(1 << 20);
  upstream_.answers = {cut_after(6)};
  const auto exchange = make("splice");
  run(*exchange);
  EXPECT_EQ(live_state_.held().held(), 1 << 20);
  EXPECT_GE(metric(R"(triage_limit_hits_total{listener="gateway",limit="held_total"})"), 1);
  live_state_.held().add(-(1 << 20));
}

TEST_F(RescueTest, AnAnswerThatHasSaidWhyItEndsIsNotGoneOnWith) {
  auto pieces = first.pieces(good, 50);
  pieces.push_back(first.event(json::object(), "stop"));
  pieces.emplace_back("data: {\"error\":{\"message\":\"too late\"}}\n\n");
  EXPECT_EQ(ask("splice", {stream(pieces), second.whole(good)}).code, "upstream_error");
  EXPECT_EQ(upstream_.sent.size(), 1U);
}

TEST_F(RescueTest, TheSecondMayCallAToolBehindTheText) {
  const json call{{"tool_calls", {{{"index", 0}, {"id", "x"}, {"function", {{"name", "f"}, {"arguments", "{}"}}}}}}};
  auto pieces = second.pieces(good.substr(0, 20), 6);
  pieces.push_back(second.event(call));
  pieces.push_back(second.event(json::object(), "tool_calls") + done);
  const Answer got = ask("splice", {cut_after(4), stream(pieces)});
  EXPECT_TRUE(got.done);
  EXPECT_NE(got.body.find("\"tool_calls\":[{"), std::string::npos);
  EXPECT_EQ(ask("splice", {cut_after(8), stream(pieces)}).code, "upstream_truncated") << "not instead of it";
}

TEST_F(RescueTest, AClientThatLeavesIsNotRescued) {
  upstream_.answers = {cut_after(6), second.whole(good)};
  const auto stayed = make("splice");
  run(*stayed);
  const std::size_t all = stayed->writes().size();
  EXPECT_GT(all, 12U);
  for (std::size_t sends = 0; sends <= all; ++sends) {
    upstream_.answers = {cut_after(6), second.whole(good)};
    upstream_.sent.clear();
    const auto exchange = make("splice");
    exchange->leave_after(sends);
    EXPECT_TRUE(test::run(*gateway_, *exchange));
    EXPECT_EQ(upstream_.sent.size(), sends < 6 ? 1U : 2U);
    const json& record = ledger_.records.back();
    EXPECT_EQ(record["outcome"], sends + 1 < all ? "cancelled" : "ok") << "kept before the last send";
    EXPECT_EQ(live_state_.held().held(), 0);
    upstream_.answers.clear();
  }
  EXPECT_EQ(rescues("splice", "failed"), 0);
}

TEST_F(RescueTest, ACascadesAnswerIsRescuedOnceItIsOut) {
  for (const std::string model : {"none", "window"}) {
    EXPECT_EQ(ask(model, {cut_after(16), second.whole(good)}).text, good) << model;
    EXPECT_EQ(ends(), (Ends{"cheap first truncated", "dear rescue completed"}));
    EXPECT_EQ(ask(model, {cut_after(16), second.whole("Another one.")}).code, "upstream_truncated") << model;
    EXPECT_EQ(ends(), (Ends{"cheap first truncated", "dear rescue rejected"}));
  }
}

// Whatever two providers do: the client has one whole text, or the beginning of one and an error.
TEST_F(RescueTest, NeverTwoAnswersGluedTogether) {
  std::mt19937 random(20261124);
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
  const std::vector<std::string> texts{good, good.substr(0, 40), good.substr(0, 32) + " and so on.", "Rome."};
  int whole = 0;
  for (int round = 0; round < 1000; ++round) {
    const std::string said = texts[below(texts.size())];
    const std::string other = below(2) == 0 ? said : texts[below(texts.size())];
    auto pieces = first.pieces(said, 1 + below(9));
    pieces.resize(1 + below(pieces.size()));
    const std::string model = std::vector<std::string>{"splice", "none", "again"}[below(3)];
    const Answer got = ask(model, {Teller::cut(pieces), second.whole(other, 1 + below(12), below(2) == 0)});
    if (got.done) {
      ASSERT_EQ(got.text, other);
    } else {
      ASSERT_TRUE(said.starts_with(got.text));
    }
    whole += got.done ? 1 : 0;
    const json& record = ledger_.records.back();
    std::int64_t sum = 0;
    for (const json& attempt : record["attempts"]) sum += attempt["cost_nano_usd"].get<std::int64_t>();
    ASSERT_EQ(record["cost_nano_usd"], sum);
    ASSERT_TRUE(!got.done || record["answer"] == got.text);
  }
  EXPECT_GT(whole, 500);
  EXPECT_LT(whole, 950);
}

}  // namespace
}  // namespace triage::gateway_test::rescue
