// A stream that breaks off after the client has its beginning, on routes that rescue it: what goes out, what is asked,
// and what the record says.
#include "support/fake_ledger.hpp"
#include "unit/app/gateway_fixture.hpp"

#include <random>

namespace triage::gateway_test {
namespace {

constexpr std::string_view rescue_config = R"(
providers:
  p: {base_url: "http://127.0.0.1:1/base/v1"}
deployments:
  cheap: {provider: p, model: cheap-model, price: {input: 1, output: 1}}
  able: {provider: p, model: able-model, price: {input: 2, output: 2}, capabilities: [prefill, tools, logprobs]}
  dear: {provider: p, model: dear-model, price: {input: 3, output: 3}}
tiers: [small, medium, large]
limits: {held: 2KiB, held_total: 1MiB}
ledger: {dir: unused}
routes:
  off: {match: {models: [off]}, tiers: {small: [cheap], large: [dear]}, @common}
  splice: {match: {models: [splice]}, tiers: {small: [cheap], large: [dear]}, @common, rescue: splice}
  prefill: {match: {models: [prefill]}, tiers: {small: [cheap], medium: [dear], large: [able]}, @common, rescue: prefill}
  unable: {match: {models: [unable]}, tiers: {small: [cheap], large: [dear]}, @common, rescue: prefill}
  again: {match: {models: [again]}, tiers: {small: [cheap]}, retry: {attempts: 2, backoff: 1ms}, record: {content: full}, rescue: splice}
  none: {match: {models: [none]}, tiers: {small: [cheap], large: [dear]}, @common, rescue: splice, cascade: {verify: checks, hold: none}}
  window: {match: {models: [window]}, tiers: {small: [cheap], large: [dear]}, @common, rescue: splice, cascade: {verify: checks, hold: {tokens: 8}}}
)";
constexpr std::string_view common =
    "routers: [{fixed: {tier: small}}], retry: {attempts: 1}, sticky: 0s, record: {content: full}";

const std::string good =
    "Paris \u2014 so says every map \u2014 has been the capital of France for long, as all there will tell you.";

// A stream as a provider sends it: its own id, model and time in each event.
class Teller {
 public:
  explicit Teller(std::string name, bool chat = true) : name_(std::move(name)), chat_(chat) {}

  [[nodiscard]] std::string event(const json& delta, const json& finish = nullptr, const json& more = {}) const {
    json choice{{"index", 0}, {"finish_reason", finish}};
    if (chat_)
      choice["delta"] = delta;
    else
      choice["text"] = delta.value("content", "");
    if (!more.is_null()) choice.update(more);
    return "data: " +
           json{{"id", name_}, {"created", name_.size()}, {"model", "of-" + name_}, {"choices", {choice}}}.dump() +
           "\n\n";
  }
  // The role, then pieces of about `size` bytes.
  [[nodiscard]] std::vector<std::string> pieces(const std::string& text, std::size_t size) const {
    std::vector<std::string> out{event({{"role", "assistant"}, {"content", ""}})};
    for (std::size_t at = 0; at < text.size();) {
      std::size_t end = std::min(at + size, text.size());
      while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) ++end;
      out.push_back(event({{"content", text.substr(at, end - at)}}));
      at = end;
    }
    return out;
  }
  [[nodiscard]] Canned whole(const std::string& text, std::size_t size = 5, bool tight = false) const {
    std::vector<std::string> out = pieces(text, size);
    out.push_back(event(json::object(), "stop"));
    out.push_back(usage());
    out.push_back(done);
    if (!tight) return stream(std::move(out));
    std::string all;
    for (const std::string& piece : out) all += piece;
    return stream({all});
  }
  [[nodiscard]] static Canned cut(std::vector<std::string> pieces, ErrorCode code = ErrorCode::upstream_truncated) {
    Canned answer = stream(std::move(pieces));
    answer.broken = Error{code, "the first was cut"};
    return answer;
  }
  [[nodiscard]] std::string usage() const {
    return "data: " +
           json{{"id", name_},
                {"choices", json::array()},
                {"usage", {{"prompt_tokens", 30}, {"completion_tokens", 20}, {"total_tokens", 50}}}}
               .dump() +
           "\n\n";
  }

 private:
  std::string name_;
  bool chat_;
};
const Teller first("one"), second("the-other");

Canned refused(int status) {
  Canned answer;
  answer.status = status;
  answer.pieces = {R"({"error":{"message":"no prefill here"}})"};
  return answer;
}

std::vector<json> events_of(const std::string& body) {
  std::vector<json> out;
  for (std::size_t at = 0; (at = body.find("data: {", at)) != std::string::npos; ++at)
    out.push_back(json::parse(body.substr(at + 6, body.find('\n', at) - at - 6)));
  return out;
}

class RescueTest : public GatewayTest {
 protected:
  RescueTest() {
    std::string text(rescue_config);
    for (std::size_t at = 0; (at = text.find("@common", at)) != std::string::npos;) text.replace(at, 7, common);
    Loaded loaded = load_text(text, "test");
    for (const Diagnostic& diagnostic : loaded.diagnostics)
      if (diagnostic.severity == Diagnostic::error) ADD_FAILURE() << to_string(diagnostic);
    snapshot_ = build_snapshot(std::move(loaded.spec), loaded.version, metrics_, health_);
    gateway_.emplace(loop_, upstream_, snapshot_, &ledger_);
  }

  struct Answer {
    std::string text, body, code;
    bool done = false;
  };
  std::unique_ptr<FakeExchange> make(const std::string& model, const json& more = {}, bool chat = true) {
    json body{{"model", model}, {"stream", true}};
    if (chat)
      body["messages"] = {{{"role", "user"}, {"content", "What is the capital of France?"}}};
    else
      body["prompt"] = "The capital of France is";
    if (!more.is_null()) body.update(more);
    return std::make_unique<FakeExchange>("POST", chat ? "/v1/chat/completions" : "/v1/completions", body.dump());
  }
  Answer ask(const std::string& model, std::deque<Canned> answers, const json& more = {}, bool chat = true) {
    for (const char* name : {"cheap", "able", "dear"})
      health_.breaker(name, {}).with([](Breaker& b) { b = Breaker(); });
    upstream_.sent.clear();
    ledger_.records.clear();
    upstream_.answers = std::move(answers);
    const auto exchange = make(model, more, chat);
    run(*exchange);
    EXPECT_EQ(health_.held().held(), 0);
    return read(exchange->body());
  }
  // What is one stream: one role, one end, one name, a reason why it ended or an error and no [DONE].
  static Answer read(const std::string& body) {
    Answer out;
    out.body = body;
    int roles = 0, finishes = 0;
    for (const json& each : events_of(body)) {
      EXPECT_TRUE(out.code.empty()) << "nothing behind an error";
      if (each.contains("error")) {
        out.code = each["error"]["code"];
        continue;
      }
      EXPECT_EQ(each["id"], "one");
      if (each["choices"].empty()) continue;
      EXPECT_EQ(each["model"], "of-one");
      EXPECT_EQ(each["created"], 3);
      const json& choice = each["choices"][0];
      const json delta = choice.value("delta", json::object());
      roles += delta.contains("role") ? 1 : 0;
      finishes += choice["finish_reason"].is_null() ? 0 : 1;
      EXPECT_LE(finishes, 1);
      out.text += delta.value("content", "") + choice.value("text", "");
    }
    EXPECT_LE(roles, 1);
    const std::size_t end = body.find(done);
    out.done = end != std::string::npos;
    EXPECT_TRUE(!out.done || end + done.size() == body.size()) << body;
    EXPECT_EQ(out.done, out.code.empty()) << body;
    return out;
  }
  std::vector<std::string> ends() {
    std::vector<std::string> out;
    for (const json& each : ledger_.records.back()["attempts"])
      out.push_back(each["deployment"].get<std::string>() + ' ' + each["cause"].get<std::string>() + ' ' +
                    each["end"].get<std::string>());
    return out;
  }
  double rescues(const std::string& route, const std::string& result) {
    return metric("triage_rescues_total{route=\"" + route + "\",result=\"" + result + "\"}");
  }
  // Its first `events` events of `size` bytes of text, then nothing.
  static Canned cut_after(std::size_t events, std::size_t size = 5) {
    auto pieces = first.pieces(good, size);
    pieces.resize(std::min(events, pieces.size()));
    return Teller::cut(std::move(pieces));
  }

  test::FakeLedger ledger_;
};
using Ends = std::vector<std::string>;

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

TEST_F(RescueTest, WhoCanGoOnIsAskedTo) {
  const std::string said = good.substr(0, 32);
  const auto cut = [&] { return Teller::cut(first.pieces(said, 5)); };
  for (const bool echo : {false, true}) {
    const Answer got = ask("prefill", {cut(), second.whole(echo ? good : good.substr(32), 4)});
    EXPECT_EQ(got.text, good);
    EXPECT_EQ(ends(), (Ends{"cheap first truncated", "able rescue completed"})) << "'dear' cannot, and is passed over";
    const json asked = json::parse(upstream_.sent[1].body);
    EXPECT_EQ(asked["messages"].size(), 2U);
    EXPECT_EQ(asked["messages"][1], (json{{"role", "assistant"}, {"content", said}}));
    const json& record = ledger_.records.back();
    const int before = record["attempts"][0]["tokens"]["output"];
    EXPECT_GT(before, 0);
    EXPECT_EQ(record["frontier_cost_nano_usd"], 50 * 2000) << "the sum of tokens is the same";
  }
  // It ends while it could still be an echo.
  EXPECT_EQ(ask("prefill", {cut(), second.whole(said.substr(0, 6))}).text, said + said.substr(0, 6));
  EXPECT_EQ(ask("prefill", {Teller::cut(first.pieces("", 5)), second.whole(good)}).text, good);
  EXPECT_EQ(json::parse(upstream_.sent[1].body)["messages"].size(), 1U) << "there was nothing to go on with";
}

TEST_F(RescueTest, ARefusedPrefillIsTheFirstError) {
  const Answer got = ask("prefill", {cut_after(6), refused(400)});
  EXPECT_EQ(got.code, "upstream_truncated");
  EXPECT_EQ(got.body.find("no prefill here"), std::string::npos);
  EXPECT_EQ(ends(), (Ends{"cheap first truncated", "able rescue failed"}));
  EXPECT_EQ(ask("unable", {cut_after(6), second.whole(good)}).code, "upstream_truncated");
  EXPECT_EQ(upstream_.sent.size(), 1U);
  const json own{{"messages", {{{"role", "user"}, {"content", "?"}}, {{"role", "assistant"}, {"content", "So"}}}}};
  EXPECT_EQ(ask("prefill", {cut_after(6), second.whole(good)}, own).code, "upstream_truncated");
  EXPECT_EQ(upstream_.sent.size(), 1U);
}

TEST_F(RescueTest, CompletionsAreSplicedAndNotPrefilled) {
  const Teller told("one", false), again("the-other", false);
  auto pieces = told.pieces(good, 5);
  pieces.resize(6);
  EXPECT_EQ(ask("splice", {Teller::cut(pieces), again.whole(good, 3)}, {}, false).text, good);
  EXPECT_EQ(ask("prefill", {Teller::cut(pieces), again.whole(good, 3)}, {}, false).code, "upstream_truncated");
  EXPECT_EQ(upstream_.sent.size(), 1U);
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
  health_.held().add(1 << 20);
  upstream_.answers = {cut_after(6)};
  const auto exchange = make("splice");
  run(*exchange);
  EXPECT_EQ(health_.held().held(), 1 << 20);
  EXPECT_GE(metric(R"(triage_limit_hits_total{listener="gateway",limit="held_total"})"), 1);
  health_.held().add(-(1 << 20));
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
    EXPECT_EQ(health_.held().held(), 0);
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
}  // namespace triage::gateway_test
