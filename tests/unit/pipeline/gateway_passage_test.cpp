// Calls that pass through: which model they get, who is asked next when one fails, and what is said of them.
#include "support/fake_ledger.hpp"
#include "unit/pipeline/gateway_fixture.hpp"

namespace triage::gateway_test {
namespace {

constexpr std::string_view passing_config = R"(
keys:
  - {name: bound, sha256: "@secret-a", routes: [cheap, media]}
  - {name: free, sha256: "@secret-b"}
providers:
  p: {base_url: "http://127.0.0.1:1/base/v1", api_key: sk-provider-secret}
  q: {base_url: "http://127.0.0.1:2/v1"}
deployments:
  mini: {provider: p, model: mini-id, price: {input: 0.2, output: 0.8}}
  dear: {provider: p, model: o3-pro, price: {input: 20, output: 80}}
  one: {provider: p, model: whisper-1}
  two: {provider: q, model: whisper-1}
  far: {provider: q, model: far-id}
aliases: {fast: mini}
tiers: [small, large]
breaker: {consecutive: 5, eject: 10m, eject_max: 10m}
routes:
  cheap:
    match: {models: [auto, "gpt-*"], paths: ["/v1/responses*"]}
    tiers: {small: [mini], large: [dear]}
    routers: [{fixed: {tier: small}}]
  dear: {match: {models: ["o*"], paths: ["/v1/responses/compact"]}, tiers: {large: [dear]}}
  media: {match: {paths: ["/v1/audio/*", "/v1/files*", "/v1/batches", "/v1/moderations"]}, tiers: {small: [one, two]}}
)";

class PassageTest : public GatewayTest {
 protected:
  PassageTest() {
    std::string text(passing_config);
    for (const std::string_view secret : {"secret-a", "secret-b"}) {
      const std::string placeholder = '@' + std::string(secret);
      text.replace(text.find(placeholder), placeholder.size(), hex_of(secret));
    }
    use(text, &ledger_);
  }

  std::unique_ptr<FakeExchange> post(const std::string& path, const std::string& body,
                                     const std::string& key = "secret-b",
                                     const std::string& type = "application/json") {
    auto exchange = std::make_unique<FakeExchange>(
        "POST", path, body, std::vector<test::OwnedField>{{"authorization", "Bearer " + key}, {"content-type", type}});
    run(*exchange);
    return exchange;
  }
  // What became of a request for that model: the model that the provider was asked for, or the error's code.
  std::string asked(const std::string& model, const std::string& key = "secret-b",
                    const std::string& path = "/v1/responses/compact") {
    upstream_.sent.clear();
    const auto exchange = post(path, json{{"model", model}, {"input", "hi"}}.dump(), key);
    return upstream_.sent.empty() ? code(*exchange) : json::parse(upstream_.sent[0].body)["model"].get<std::string>();
  }
  [[nodiscard]] const json& record() const { return ledger_.records.back(); }
  static Canned response(const std::string& more = "") {
    Canned answer;
    answer.pieces = {R"({"output":[],"usage":{"input_tokens":100,"output_tokens":50}})" + more};
    return answer;
  }
  static Canned dead(ErrorCode code = ErrorCode::upstream_unreachable) {
    Canned answer;
    answer.refused = Error{code, "no"};
    return answer;
  }
  static std::string form(const std::string& model) {
    return "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nnoise\r\n"
           "--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n" +
           model + "\r\n--B--\r\n";
  }
  static constexpr const char* form_type = "multipart/form-data; boundary=B";

  test::FakeLedger ledger_;
};

TEST_F(PassageTest, TheModelIsCheckedAsChatDoes) {
  EXPECT_EQ(asked("auto"), "mini-id");
  EXPECT_EQ(asked("gpt-5"), "mini-id");
  EXPECT_EQ(asked("triage/cheap"), "mini-id");
  EXPECT_EQ(asked("fast"), "mini-id");
  EXPECT_EQ(asked("dear"), "o3-pro");
  EXPECT_EQ(asked("triage/dear"), "o3-pro");
  EXPECT_EQ(asked("one"), "whisper-1") << "of a provider that one of the route's deployments is at";
  EXPECT_EQ(asked("far"), "model_not_found") << "of another provider, to which no route lets this path";
  EXPECT_EQ(asked("claude"), "model_not_found");
  EXPECT_EQ(asked("triage/none"), "model_not_found");
  EXPECT_EQ(asked("triage/media"), "model_not_found") << "it does not take the path";
}

TEST_F(PassageTest, AKeyGetsNoModelThatItsRouteWouldNotPick) {
  EXPECT_EQ(asked("auto", "secret-a"), "mini-id");
  EXPECT_EQ(asked("mini", "secret-a"), "mini-id");
  EXPECT_EQ(asked("o3-pro", "secret-a"), "route_not_allowed");
  EXPECT_EQ(asked("dear", "secret-a"), "route_not_allowed");
  EXPECT_EQ(asked("triage/dear", "secret-a"), "route_not_allowed");
  EXPECT_EQ(asked("tts-1", "secret-a", "/v1/audio/speech"), "route_not_allowed") << "foreign to its route";
  EXPECT_EQ(asked("whisper-1", "secret-a", "/v1/audio/speech"), "whisper-1");
  EXPECT_EQ(asked("tts-1", "secret-b", "/v1/audio/speech"), "tts-1") << "a free key may use any";
}

TEST_F(PassageTest, WhatHidesTheModelIsRefused) {
  const auto refused = [&](const std::string& body, const std::string& type = "application/json",
                           const std::string& path = "/v1/responses/compact") {
    const auto exchange = post(path, body, "secret-a", type);
    EXPECT_TRUE(upstream_.sent.empty()) << body;
    return code(*exchange);
  };
  EXPECT_EQ(refused(R"({"model":"auto","model":"o3-pro"})"), "invalid_json");
  EXPECT_EQ(refused(R"({"model":"auto","Model":"o3-pro"})"), "invalid_value");
  EXPECT_EQ(refused(R"({"model":"auto","models":["o3-pro"]})"), "invalid_value");
  EXPECT_EQ(refused(R"({"model":["o3-pro"]})"), "invalid_value");
  EXPECT_EQ(refused(R"({"input":"hi"})"), "missing_required_parameter");
  EXPECT_EQ(refused(R"({"model":"o3-pro"})", "text/plain"), "route_not_allowed");
  EXPECT_EQ(refused(R"({"model":"o3-pro"})", form_type), "route_not_allowed");
  EXPECT_EQ(refused("model=o3-pro", "application/x-www-form-urlencoded"), "invalid_value");
  EXPECT_EQ(refused(std::string("{\0\"\0", 4), "application/json"), "invalid_json");
  EXPECT_EQ(refused("\x1f\x8b", "application/octet-stream"), "invalid_value");
  EXPECT_EQ(refused(R"({"model":"auto"})", "application/json", "/v1/responses/compact?model=o3-pro"), "invalid_value");
  EXPECT_EQ(refused(form("tts-1"), form_type, "/v1/audio/transcriptions"), "route_not_allowed");
}

TEST_F(PassageTest, FilesPassUnreadAndFormsAreReadWhereTheyAskAModel) {
  post("/v1/files", form("o3-pro"), "secret-a", form_type);
  ASSERT_EQ(upstream_.sent.size(), 1U);
  EXPECT_EQ(upstream_.sent[0].body, form("o3-pro"));
  EXPECT_TRUE(record()["model_requested"].is_null());
  post("/v1/audio/transcriptions", form("triage/media"), "secret-a", form_type);
  EXPECT_EQ(upstream_.sent[1].body, form("whisper-1"));
  EXPECT_EQ(record()["model_requested"], "triage/media");
}

TEST_F(PassageTest, WhatIsKnownIsRecorded) {
  upstream_.answers = {response()};
  const auto exchange = post("/v1/responses/compact", R"({"model":"auto"})");
  EXPECT_EQ(exchange->field("x-triage-deployment"), "mini");
  EXPECT_EQ(record()["model_requested"], "auto");
  const json& attempt = record()["attempts"][0];
  EXPECT_EQ(attempt["deployment"], "mini");
  EXPECT_EQ(attempt["model"], "mini-id");
  EXPECT_EQ(attempt["usage_source"], "reported");
  EXPECT_EQ(attempt["tokens"]["output"], 50);
  EXPECT_EQ(attempt["cost_nano_usd"], 60'000);
  EXPECT_EQ(record()["frontier_cost_nano_usd"], 6'000'000);
}

TEST_F(PassageTest, WhatIsNotKnownIsNull) {
  for (const std::string model : {"tts-1", ""}) {
    upstream_.answers = {response()};
    upstream_.answers[0].pieces = {"noise"};
    const auto exchange = post("/v1/audio/speech", model.empty() ? R"({"input":"hi"})" : R"({"model":"tts-1"})");
    EXPECT_EQ(exchange->status(), 200);
    EXPECT_EQ(exchange->field("x-triage-route"), "media");
    for (const char* field : {"x-triage-deployment", "x-triage-tier", "x-triage-router"})
      EXPECT_EQ(exchange->field(field), std::nullopt) << field;
    EXPECT_EQ(record()["model_requested"], model.empty() ? json() : json(model));
    const json& attempt = record()["attempts"][0];
    EXPECT_EQ(attempt["model"], model.empty() ? json() : json(model));
    for (const char* field : {"deployment", "tier", "cost_nano_usd"}) EXPECT_TRUE(attempt[field].is_null()) << field;
    for (const auto& [kind, count] : attempt["tokens"].items()) EXPECT_TRUE(count.is_null()) << kind;
    for (const char* field : {"tier", "cost_nano_usd", "frontier_cost_nano_usd"})
      EXPECT_TRUE(record()[field].is_null()) << field;
  }
  EXPECT_EQ(metric(R"(triage_unknown_prices_total{deployment=""})"), 2);
}

TEST_F(PassageTest, ADeadDeploymentIsPassedOverAndEjected) {
  std::size_t asked_dead = 0;
  for (int i = 0; i < 40; ++i) {
    upstream_.sent.clear();
    // Whoever is asked first at q is dead.
    upstream_.by_provider["q"] = dead();
    const auto exchange = post("/v1/audio/speech", R"({"model":"whisper-1"})");
    EXPECT_EQ(exchange->status(), 200) << i;
    for (const auto& sent : upstream_.sent) asked_dead += sent.provider == "q" ? 1 : 0;
  }
  EXPECT_EQ(asked_dead, 5U) << "then it is ejected";
}

TEST_F(PassageTest, WhatMayHaveBeenDoneIsNotDoneAgain) {
  struct Case {
    const char* method;
    const char* path;
    std::string body;
    const char* type;
    Canned failure;
    std::size_t calls;
  };
  const Canned timed_out = dead(ErrorCode::upstream_first_byte_timeout);
  const Case cases[] = {
      {"GET", "/v1/files/file-1", "", "", failing(500), 2},
      {"GET", "/v1/files/file-1", "", "", timed_out, 2},
      {"POST", "/v1/audio/speech", R"({"model":"whisper-1"})", "application/json", failing(500), 2},
      {"POST", "/v1/audio/speech", R"({"model":"whisper-1"})", "application/json", timed_out, 2},
      {"POST", "/v1/audio/speech", R"({"model":"whisper-1"})", "application/json", failing(400), 1},
      {"POST", "/v1/batches", R"({"input_file_id":"file-1"})", "application/json", failing(500), 1},
      {"POST", "/v1/batches", R"({"input_file_id":"file-1"})", "application/json", timed_out, 1},
      {"POST", "/v1/batches", R"({"input_file_id":"file-1"})", "application/json", dead(), 2},
      {"DELETE", "/v1/files/file-1", "", "", failing(500), 1},
      {"DELETE", "/v1/files/file-1", "", "", dead(), 2},
      {"POST", "/v1/files", form(""), form_type, failing(503), 1},
  };
  for (const Case& each : cases) {
    live_state_.breaker("one", {}).with([](Breaker& breaker) { breaker.succeeded(Breaker::Clock::now()); });
    upstream_.sent.clear();
    upstream_.answers = {each.failure, good_answer()};
    FakeExchange exchange(each.method, each.path, each.body,
                          {{"authorization", "Bearer secret-b"}, {"content-type", each.type}});
    run(exchange);
    EXPECT_EQ(upstream_.sent.size(), each.calls) << each.method << ' ' << each.path;
    EXPECT_EQ(exchange.status() == 200, each.calls == 2) << each.method << ' ' << each.path;
    if (each.calls == 2) {
      EXPECT_EQ(upstream_.sent[1].body, each.body);
    }
    upstream_.answers.clear();
  }
}

TEST_F(PassageTest, OtherSpellingsOfChatAreRefused) {
  for (const char* path : {"/v1/responses/../chat/completions", "/v1/audio/%2e%2e/chat/completions",
                           "/v1/Chat/completions", "/v1/chat/completions/", "/v1/v1/chat/completions"})
    EXPECT_EQ(code(*post(path, R"({"model":"o3-pro"})", "secret-a")), "not_found") << path;
  EXPECT_TRUE(upstream_.sent.empty());
}

}  // namespace
}  // namespace triage::gateway_test
