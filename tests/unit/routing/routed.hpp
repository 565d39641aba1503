#pragma once
// A chain of routers from YAML-like specs, asked about a request from JSON. No config reader: specs are made by hand.

#include "openai/request_body.hpp"
#include "routing/chain.hpp"
#include "routing/fixed.hpp"
#include "routing/routers.hpp"
#include "routing/rules.hpp"
#include "triage/exchange.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace triage::routing {

/// One chat request.
class Asked {
 public:
  explicit Asked(std::string json, std::vector<Field> fields = {}, const KeySpec* key = nullptr)
      : body_(std::move(json)) {
    const std::size_t size = body_.size();
    body_.append(body_padding, '\0');
    auto parsed = parse_request_body(Api::chat, std::string_view(body_).substr(0, size), 64);
    EXPECT_TRUE(parsed.has_value()) << body_;
    if (parsed) request_ = *parsed;
    head_.fields = std::move(fields);
    input_ = std::make_unique<RoutingInput>(request_, head_, key);
  }
  /// A body whose one message is `text`.
  static std::string chat(std::string_view text, std::string_view more = "") {
    std::string out = "{\"model\":\"auto\",\"messages\":[{\"role\":\"user\",\"content\":";
    append_json(out, text);
    return out.append("}]").append(more).append("}");
  }
  [[nodiscard]] const RoutingInput& input() const { return *input_; }

 private:
  static void append_json(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
      if (c == '"' || c == '\\') out += '\\';
      if (c == '\n')
        out += "\\n";
      else
        out += c;
    }
    out += '"';
  }
  std::string body_;
  ApiRequest request_;
  RequestHead head_;
  std::unique_ptr<RoutingInput> input_;
};

/// A route with tiers small, medium, large and the specialist code.
struct TestRoute {
  TestRoute() {
    for (const char* tier : {"small", "medium", "large", "code"}) route.tiers.push_back({tier, {{"d", 1}}});
  }
  void add(RouterSpec spec) { route.routers.push_back(std::move(spec)); }
  void fixed(const std::string& tier) { add({"fixed", FixedRouterSpec{tier}}); }
  void heuristic(std::vector<RuleSpec> rules) { add({"heuristic", HeuristicRouterSpec{std::move(rules)}}); }
  void build() {
    chain.clear();
    for (const RouterSpec& spec : route.routers) chain.push_back(make_router(spec, {route, order}));
  }
  Decision decide(const Asked& asked) const { return triage::decide({chain, order, {}}, asked.input()); }

  RouteSpec route;
  std::vector<std::string> order{"small", "medium", "large"};
  std::vector<std::unique_ptr<Router>> chain;
};

}  // namespace triage::routing
