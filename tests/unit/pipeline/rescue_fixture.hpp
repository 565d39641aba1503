#pragma once
// Routes that rescue streams, and the streams of two providers.

#include "support/fake_ledger.hpp"
#include "unit/pipeline/gateway_fixture.hpp"

#include <algorithm>

namespace triage::gateway_test::rescue {

inline constexpr std::string_view rescue_config = R"(
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
inline constexpr std::string_view common =
    "routers: [{fixed: {tier: small}}], retry: {attempts: 1}, sticky: 0s, record: {content: full}";

inline const std::string good =
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
inline const Teller first("one"), second("the-other");

inline Canned refused(int status) {
  Canned answer;
  answer.status = status;
  answer.pieces = {R"({"error":{"message":"no prefill here"}})"};
  return answer;
}

inline std::vector<json> events_of(const std::string& body) {
  std::vector<json> out;
  for (std::size_t at = 0; (at = body.find("data: {", at)) != std::string::npos; ++at)
    out.push_back(json::parse(body.substr(at + 6, body.find('\n', at) - at - 6)));
  return out;
}

class RescueTest : public GatewayTest {
 protected:
  RescueTest() { use(std::string(rescue_config), &ledger_, common); }

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
      live_state_.breaker(name, {}).with([](Breaker& b) { b = Breaker(); });
    upstream_.sent.clear();
    ledger_.records.clear();
    upstream_.answers = std::move(answers);
    const auto exchange = make(model, more, chat);
    run(*exchange);
    EXPECT_EQ(live_state_.held().held(), 0);
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

}  // namespace triage::gateway_test::rescue
