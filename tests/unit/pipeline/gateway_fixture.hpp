#pragma once
// The pipeline from end to end, between a fake client and a canned provider: no socket, no clock.

#include "base/loop.hpp"
#include "base/sha256.hpp"
#include "config/load.hpp"
#include "pipeline/gateway.hpp"
#include "pipeline/live/build_snapshot.hpp"
#include "support/canned_upstream.hpp"
#include "support/fake_exchange.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace triage::gateway_test {

using nlohmann::json;
using test::Canned;
using test::FakeExchange;

// @SECRET stands for its hash.
inline constexpr std::string_view config = R"(
keys:
  - {name: bound, sha256: "@secret-a", routes: [chat]}
  - {name: free, sha256: "@secret-b"}
providers:
  p: {base_url: "http://127.0.0.1:1/base/v1", api_key: sk-provider-secret, headers: {x-extra: extra-secret}}
deployments:
  cheap: {provider: p, model: cheap-model}
  dear: {provider: p, model: dear-model}
aliases: {fast: cheap}
tiers: [small, large]
routes:
  chat:
    match: {models: [auto, "gpt-*"]}
    tiers: {small: [cheap], large: [dear]}
    routers: [{fixed: {tier: small}}]
    retry: {attempts: 1}
  single:
    match: {models: [single]}
    tiers: {small: [cheap]}
    retry: {attempts: 1}
  unrouted:
    match: {models: ["o*"]}
    tiers: {small: [cheap], large: [dear]}
  files:
    match: {paths: ["/v1/files*"]}
    tiers: {large: [dear]}
)";

inline std::string event(const std::string& content, const char* finish = nullptr) {
  json delta = json::object();
  if (!content.empty()) delta["content"] = content;
  json chunk{{"id", "c"}, {"choices", {{{"index", 0}, {"delta", delta}, {"finish_reason", nullptr}}}}};
  if (finish != nullptr) chunk["choices"][0]["finish_reason"] = finish;
  return "data: " + chunk.dump() + "\n\n";
}
inline const std::string usage_event =
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}\n\n";
inline const std::string done = "data: [DONE]\n\n";

inline Canned stream(std::vector<std::string> pieces) {
  Canned answer;
  answer.fields = {{"content-type", "text/event-stream"}};
  answer.pieces = std::move(pieces);
  answer.length_declared = false;
  return answer;
}

/// A whole answer.
inline Canned whole(const std::string& text, const char* finish = "stop") {
  Canned answer;
  answer.pieces = {json{
      {"choices", {{{"index", 0}, {"message", {{"role", "assistant"}, {"content", text}}}, {"finish_reason", finish}}}},
      {"usage", {{"prompt_tokens", 10}, {"completion_tokens", 5}, {"total_tokens", 15}}}}
                       .dump()};
  return answer;
}

inline Canned failing(int status) {
  Canned answer;
  answer.status = status;
  answer.pieces = {R"({"error":{"message":"no"}})"};
  return answer;
}

inline Canned good_answer() {
  Canned answer;
  answer.pieces = {R"({"choices":[{"message":{"content":"hi"}}]})"};
  return answer;
}

class GatewayTest : public testing::Test {
 protected:
  GatewayTest() { use(config_text()); }

  /// Another configuration, `@common` in it replaced.
  void use(std::string text, Ledger* ledger = nullptr, std::string_view common = "") {
    for (std::size_t at = 0; (at = text.find("@common", at)) != std::string::npos;) text.replace(at, 7, common);
    Loaded loaded = load_text(text, "test");
    for (const Diagnostic& diagnostic : loaded.diagnostics)
      if (diagnostic.severity == Diagnostic::error) ADD_FAILURE() << to_string(diagnostic);
    snapshot_ = build_snapshot(std::move(loaded.spec), loaded.version, metrics_, live_state_);
    gateway_.emplace(loop_, upstream_, snapshot_, ledger);
  }

  static std::string config_text();

  void run(FakeExchange& exchange) {
    EXPECT_TRUE(test::run(*gateway_, exchange));
    for (const std::string& rule : exchange.misuse()) ADD_FAILURE() << rule;
    EXPECT_TRUE(exchange.finished() || exchange.aborted());
    for (const std::string_view secret : {"sk-provider-secret", "extra-secret"}) {
      EXPECT_EQ(exchange.body().find(secret), std::string::npos);
    }
  }

  std::unique_ptr<FakeExchange> chat(const std::string& body, const std::string& key = "secret-b",
                                     const std::string& path = "/v1/chat/completions") {
    auto exchange = std::make_unique<FakeExchange>(
        "POST", path, body, std::vector<test::OwnedField>{{"authorization", "Bearer " + key}, {"x-app", "1"}});
    run(*exchange);
    return exchange;
  }
  std::unique_ptr<FakeExchange> get(const std::string& path, const std::string& key = "secret-b") {
    auto exchange = std::make_unique<FakeExchange>("GET", path, "",
                                                   std::vector<test::OwnedField>{{"authorization", "Bearer " + key}});
    run(*exchange);
    return exchange;
  }

  static std::string code(const FakeExchange& exchange) {
    const json error = json::parse(exchange.body())["error"];
    for (const char* key : {"message", "type", "param", "code"}) EXPECT_TRUE(error.contains(key)) << key;
    return error["code"].is_null() ? "" : error["code"].get<std::string>();
  }

  [[nodiscard]] double metric(const std::string& sample) const {
    const std::string text = '\n' + metrics_.text();
    const auto at = text.find('\n' + sample + ' ');
    return at == std::string::npos ? -1 : std::stod(text.substr(at + sample.size() + 2));
  }

  Metrics metrics_;
  LiveState live_state_;
  Loop loop_{0};
  test::CannedUpstream upstream_;
  std::shared_ptr<const Snapshot> snapshot_;
  std::optional<Gateway> gateway_;
};

inline std::string hex_of(std::string_view secret) {
  std::string out;
  for (const std::uint8_t byte : sha256(secret)) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

inline std::string GatewayTest::config_text() {
  std::string text(config);
  for (const std::string_view secret : {"secret-a", "secret-b"}) {
    const std::string placeholder = '@' + std::string(secret);
    text.replace(text.find(placeholder), placeholder.size(), hex_of(secret));
  }
  return text;
}

}  // namespace triage::gateway_test
