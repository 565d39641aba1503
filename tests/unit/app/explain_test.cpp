// explain() over configurations as text: what it says is what plan() and decide() do, and why.
#include "app/explained.hpp"
#include "app/trial.hpp"
#include "config/load.hpp"
#include "openai/request_body.hpp"
#include "support/padded.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace triage {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view config = R"(
keys:
  - {name: bound, sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", routes: [chat]}
providers: {p: {base_url: "http://127.0.0.1:1/v1", api_key: sk-provider-secret}}
deployments:
  plain: {provider: p, price: {input: 1, output: 2}, capabilities: [], context_window: 1000}
  mini: {provider: p, price: {input: 3, output: 6}, capabilities: [tools]}
  big: {provider: p, price: {input: 10, output: 20}, capabilities: [tools, images]}
  unpriced: {provider: p}
aliases: {fast: mini}
tiers: [small, medium, large]
specialists: [code]
routes:
  of-a-team: {match: {models: [auto], headers: {x-team: red}}, tiers: {large: [big]}}
  embeddings: {match: {paths: ["/v1/embeddings"]}, tiers: {small: [unpriced]}}
  chat:
    match: {models: [auto, "gpt-*"]}
    tiers: {small: [{deployment: plain, weight: 3}, mini], medium: [mini], large: [big], code: [big]}
    routers:
      - header
      - heuristic:
          rules:
            - {name: never, when: {keywords: [nothing-says-this]}, tier: large}
            - {name: maths, when: {math: true}, floor: medium}
            - {name: brief, when: {max_tokens: {lt: 5}}, ceiling: small}
            - {name: code, when: {code: true}, tier: code, class: codegen}
      - fixed: {tier: small}
  files: {match: {paths: ["/v1/files*"]}, tiers: {large: [big]}}
  sorted:
    match: {models: [sorted]}
    tiers: {small: [plain], large: [big]}
    routers:
      - header
      - heuristic: {rules: [{name: maths, when: {math: true}, tier: large}]}
      - llm: {deployment: mini, labels: [{label: easy, tier: small}, {label: hard, tier: large}]}
      - fixed: {tier: small}
)";

class ExplainTest : public testing::Test {
 protected:
  ExplainTest() : trial_(load(), "v") {}

  static ConfigSpec load() {
    Loaded loaded = load_text(config, "test");
    EXPECT_TRUE(loaded.ok()) << to_string(loaded.diagnostics.at(0));
    return std::move(loaded.spec);
  }

  // The JSON of a request's explanation. `text` stays the text of the same.
  json ask(const json& body, std::vector<Field> fields = {}, std::string_view path = "/v1/chat/completions",
           bool bound = false) {
    const test::Padded padded(body.dump());
    RequestHead head;
    head.path = path;
    head.fields = std::move(fields);
    const auto api = api_at(path);
    ApiRequest request;
    if (api) {
      const auto parsed = parse_request_body(*api, padded.view(), 64);
      EXPECT_TRUE(parsed.has_value());
      request = *parsed;
    }
    const KeySpec* const key = bound ? &trial_.snapshot().spec.keys.front() : nullptr;
    const RoutingInput input(request, head, key);
    Usage assumed;
    assumed.input = 1000;
    assumed.output = 100;
    Explained explained{trial_.snapshot(), input, api, assumed, "max_tokens"};
    explained.found = explain(trial_.snapshot(), input, api, assumed, answer);
    text = explained_text(explained);
    return json::parse(explained_json(explained));
  }
  static json chat(const std::string& content, json more = json::object()) {
    json out{{"model", "auto"}, {"messages", {{{"role", "user"}, {"content", content}}}}};
    out.update(more);
    return out;
  }
  static std::vector<std::string> asked(const json& said) {
    std::vector<std::string> out;
    for (const json& each : said["deployments"])
      if (!each["place"].is_null())
        out.push_back(each["tier"].is_null() ? std::string(each["deployment"])
                                             : std::string(each["tier"]) + ":" + std::string(each["deployment"]));
    return out;
  }
  static std::string why_not(const json& said, const std::string& tier, const std::string& deployment) {
    for (const json& each : said["deployments"])
      if (each["tier"] == tier && each["deployment"] == deployment) return each["why_not"];
    return "no such choice";
  }

  Trial trial_;
  std::string text;
  AnswerQuestion answer;
};

TEST_F(ExplainTest, TheRouteAndWhyNotTheOthers) {
  const json said = ask(chat("hello"));
  EXPECT_EQ(said["route"], "chat");
  EXPECT_EQ(said["by"], "match");
  ASSERT_EQ(said["routes"].size(), 3u) << "those behind the one that fits were not looked at";
  EXPECT_EQ(said["routes"][0]["why_not"], "a header of match.headers is missing or another");
  EXPECT_EQ(said["routes"][1]["why_not"], "match.paths does not hold this path");
  EXPECT_TRUE(said["routes"][2]["matches"]);
  EXPECT_EQ(ask(chat("hello"), {{"x-team", "red"}})["route"], "of-a-team");
  EXPECT_EQ(ask(chat("hello", {{"model", "triage/files"}}))["by"], "route name");
}

TEST_F(ExplainTest, TheChainAndItsRules) {
  const json said = ask(chat("hello", {{"max_tokens", 3}}));
  ASSERT_EQ(said["chain"].size(), 3u);
  EXPECT_EQ(said["chain"][0]["reason"], "the request has no x-triage-tier");
  const json& rules = said["chain"][1]["rules"];
  ASSERT_EQ(rules.size(), 4u);
  EXPECT_EQ(rules[0]["text"], "none of its keywords is there");
  EXPECT_EQ(rules[1]["text"], "math is false");
  EXPECT_EQ(rules[2], (json{{"rule", "brief"}, {"holds", true}, {"text", "ceiling small"}}));
  EXPECT_EQ(said["router"], "fixed");
  EXPECT_EQ(said["ceiling"], "small");
  EXPECT_THAT(asked(said), ElementsAre("small:plain", "small:mini"));
  EXPECT_EQ(why_not(said, "large", "big"), "above the ceiling 'small'");
  EXPECT_EQ(why_not(said, "code", "big"), "a specialist that was not picked");
  EXPECT_THAT(text, HasSubstr("brief         holds: ceiling small\n"));
}

TEST_F(ExplainTest, RoutersBehindTheOneThatDecides) {
  const json maths = chat("Solve $\\int_0^1 x^2 dx$ and prove that the integral equals 1/3.", {{"model", "sorted"}});
  const json said = ask(maths, {{"x-triage-tier", "small"}});
  ASSERT_EQ(said["chain"].size(), 4u);
  EXPECT_EQ(said["router"], "header");
  EXPECT_EQ(said["tier"], "small") << "what those behind it say changes nothing";
  const auto member = [&said](const char* name) {
    std::vector<json> out;
    for (const json& each : said["chain"]) out.push_back(each[name]);
    return out;
  };
  EXPECT_THAT(member("decides"), ElementsAre(true, false, false, false));
  EXPECT_THAT(member("behind"), ElementsAre(false, true, true, true));
  EXPECT_THAT(member("tier"), ElementsAre("small", "large", nullptr, "small"));
  EXPECT_THAT(member("not_asked"), ElementsAre(nullptr, nullptr, "mini", nullptr));
  EXPECT_THAT(text, HasSubstr("would have picked large: rule maths"));
  EXPECT_THAT(text, HasSubstr("llm             not asked: it calls a model, 'mini'"));
}

TEST_F(ExplainTest, AModelIsCalledOnlyWhereTheUserSaysSo) {
  const json hello = chat("hello", {{"model", "sorted"}});
  json said = ask(hello);
  EXPECT_EQ(said["router"], "fixed");
  EXPECT_EQ(said["chain"][2]["not_asked"], "mini");
  std::vector<std::string> called;
  answer = [&called](const Question& question) -> QuestionResult {
    called.emplace_back(std::get<ChatQuestion>(question).deployment);
    Completion out;
    out.text = "hard";
    return out;
  };
  said = ask(hello);
  EXPECT_EQ(said["router"], "llm");
  EXPECT_EQ(said["tier"], "large");
  EXPECT_TRUE(said["chain"][2]["not_asked"].is_null());
  said = ask(hello, {{"x-triage-tier", "small"}});
  EXPECT_EQ(said["router"], "header");
  EXPECT_EQ(said["chain"][2]["tier"], "large") << "asked although it is behind the one that decides";
  EXPECT_EQ(called.front(), "mini");
}

TEST_F(ExplainTest, FloorsRaise) {
  const json said = ask(chat("Solve $\\int_0^1 x^2 dx$ and prove that the integral equals 1/3."));
  EXPECT_EQ(said["picked"], "small");
  EXPECT_EQ(said["tier"], "medium");
  EXPECT_THAT(asked(said), ElementsAre("medium:mini", "large:big"));
  EXPECT_EQ(why_not(said, "small", "plain"), "below the floor 'medium'");
}

TEST_F(ExplainTest, ASpecialistFallsBackToTheHighest) {
  const json said = ask(chat("```python\ndef f(x):\n    return x\n```\nWhy does this Python function fail?"));
  EXPECT_EQ(said["class"], "codegen");
  EXPECT_THAT(asked(said), ElementsAre("code:big"));
  EXPECT_EQ(why_not(said, "small", "plain"), "a specialist falls back to the highest tier only");
}

TEST_F(ExplainTest, GuardsSayWhatIsMissing) {
  const json tools = json::array({{{"type", "function"}, {"function", {{"name", "f"}}}}});
  json said = ask(chat("hello", {{"tools", tools}}));
  EXPECT_EQ(said["needs"]["capabilities"], (json{"tools"}));
  EXPECT_THAT(asked(said), ElementsAre("small:mini", "large:big"));
  EXPECT_EQ(why_not(said, "small", "plain"), "it does not offer tools");
  said = ask(chat("word ", {{"max_tokens", 2000}}));
  EXPECT_EQ(why_not(said, "small", "plain"),
            "its context window of 1000 is too small for about 5 tokens and an answer of 2000");
}

TEST_F(ExplainTest, CostsOfEachTier) {
  const json said = ask(chat("hello"));
  ASSERT_EQ(said["tiers"].size(), 4u);
  EXPECT_EQ(said["tiers"][0]["cost_nano_usd"], (3 * 1'200'000 + 3'600'000) / 4) << "by the weights";
  EXPECT_EQ(said["tiers"][1]["cost_nano_usd"], 3'600'000);
  EXPECT_EQ(said["tiers"][2]["cost_nano_usd"], 12'000'000);
  const json embedded = ask({{"model", "x"}, {"input", "hello"}}, {}, "/v1/embeddings");
  EXPECT_EQ(embedded["route"], "embeddings");
  EXPECT_TRUE(embedded["tiers"][0]["cost_nano_usd"].is_null()) << "no price";
  EXPECT_THAT(text, HasSubstr("not known: it has no price"));
}

TEST_F(ExplainTest, ADeploymentByItsName) {
  const json said = ask(chat("hello", {{"model", "fast"}}));
  EXPECT_EQ(said["by"], "deployment name");
  EXPECT_TRUE(said["route"].is_null());
  EXPECT_THAT(asked(said), ElementsAre("mini"));
}

TEST_F(ExplainTest, Refusals) {
  json said = ask(chat("hello", {{"model", "nobody"}}));
  EXPECT_EQ(said["ok"], false);
  EXPECT_EQ(said["refused"]["code"], "model_not_found");
  EXPECT_EQ(said["routes"].size(), 5u) << "all were looked at";
  EXPECT_THAT(text, HasSubstr("refused with 404 model_not_found: no model, alias or route"));
  said = ask(chat("hello", {{"model", "triage/files"}}), {}, "/v1/chat/completions", true);
  EXPECT_EQ(said["refused"]["code"], "route_not_allowed");
  EXPECT_EQ(said["by"], "route name");
  said = ask(chat("hello", {{"model", "plain"}, {"logprobs", true}}));
  EXPECT_EQ(said["refused"]["code"], "capability_missing");
  EXPECT_EQ(said["refused"]["param"], "logprobs");
}

TEST_F(ExplainTest, WhatPassesThrough) {
  const json said = ask({}, {}, "/v1/files/f-1/content");
  EXPECT_EQ(said["route"], "files");
  EXPECT_THAT(asked(said), ElementsAre("large:big"));
  EXPECT_EQ(said["routes"].size(), 4u);
}

TEST_F(ExplainTest, ShowsNoSecret) {
  const json said = ask(chat("hello"));
  EXPECT_EQ((said.dump() + text).find("sk-provider"), std::string::npos);
}

}  // namespace
}  // namespace triage
