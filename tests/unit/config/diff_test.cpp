#include "config/diff.hpp"

#include "config/describe.hpp"
#include "config/load.hpp"
#include "options/type_of.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <cstdlib>

namespace triage::config {

using namespace options;

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A configuration with room for each test's change.
std::string with(std::string_view deployments, std::string_view route, std::string_view more = "") {
  return "providers: {p: {base_url: \"https://p.example/v1\", api_key: secret-one}}\n"
         "deployments:\n  a: {provider: p, price: {input: 1, output: 2}}\n  b: {provider: p, price: {input: 1, output: "
         "2}}\n" +
         std::string(deployments) + "tiers: [small, large]\nroutes:\n  chat:\n    match: {models: [auto]}\n" +
         std::string(route) + std::string(more);
}
const std::string tiers = "    tiers: {small: [a], large: [b]}\n";

std::vector<Change> changes(const std::string& before, const std::string& after) {
  const Loaded old = load_text(before, "before");
  const Loaded now = load_text(after, "after");
  for (const Loaded* loaded : {&old, &now}) EXPECT_TRUE(loaded->ok()) << to_string(loaded->diagnostics.at(0));
  return config_changes(old.spec, now.spec);
}

std::vector<std::string> texts(const std::string& before, const std::string& after) {
  std::vector<std::string> out;
  for (const Change& change : changes(before, after)) out.push_back(change.text);
  return out;
}

std::vector<std::string> of_route(const std::string& before, const std::string& after) {
  return texts(with("", before), with("", after));
}

TEST(Diff, OtherSpellingsAreNoChange) {
  EXPECT_THAT(texts(with("", tiers), with("", tiers, "breaker: {window: 0.5m, consecutive: \"5\"}\n# a comment\n")),
              IsEmpty());
  EXPECT_THAT(of_route("    tiers: {small: [a, b]}\n",
                       "    tiers: {small: [{deployment: a, weight: 2}, {deployment: b, weight: 2}]}\n"),
              IsEmpty());
  EXPECT_THAT(of_route("    tiers: {small: [a], large: [b]}\n", "    tiers: {large: [b], small: [a]}\n"), IsEmpty());
}

TEST(Diff, SaysWhatANumberWasAndIs) {
  const auto found = changes(with("", tiers), with("", tiers + "    timeouts: {total: 60s}\n"));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].text, "route 'chat': timeouts.total is 1m, was 10m (all calls for a request together)");
  EXPECT_EQ(found[0].path, "routes.chat.timeouts.total");
  EXPECT_EQ(found[0].before, "10m");
  EXPECT_EQ(found[0].after, "1m");
  EXPECT_EQ(found[0].kind, Change::changed);
  EXPECT_TRUE(found[0].traffic);
}

TEST(Diff, WhatOperatorsUseIsNoTraffic) {
  const auto found = changes(with("", tiers), with("", tiers, "admin: {address: \"127.0.0.1:1\"}\n"));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_FALSE(found[0].traffic);
}

TEST(Diff, ToldByShares) {
  EXPECT_THAT(of_route("    tiers: {small: [{deployment: a, weight: 3}, b]}\n", "    tiers: {small: [a, b]}\n"),
              ElementsAre("route 'chat', tier 'small': deployment 'a' gets 50 % of its requests, had 75 %",
                          "route 'chat', tier 'small': deployment 'b' gets 50 % of its requests, had 25 %"));
  EXPECT_THAT(of_route("    tiers: {small: [a]}\n", "    tiers: {small: [{deployment: b, weight: 2}, a]}\n"),
              ElementsAre("route 'chat', tier 'small': deployment 'b' is added, with 66.7 % of its requests",
                          "route 'chat', tier 'small': deployment 'a' gets 33.3 % of its requests, had 100 %"));
  EXPECT_THAT(
      of_route("    tiers: {small: [a, b]}\n", "    tiers: {small: [b, a]}\n"),
      ElementsAre("route 'chat', tier 'small': deployments fall back to each other in another order: b, a; was a, b"));
  EXPECT_THAT(of_route("    tiers: {small: [a], large: [b]}\n", "    tiers: {small: [a]}\n"),
              ElementsAre("route 'chat': tier 'large' is removed"));
}

std::string rules(std::string_view list) {
  return tiers + "    routers:\n      - heuristic: {rules: [" + std::string(list) +
         "]}\n      - fixed: {tier: small}\n";
}

TEST(Diff, RulesAreComparedByName) {
  EXPECT_THAT(
      of_route(rules("{name: x, when: {code: true, tokens: {gt: 5}}, tier: large}, {name: y, when: {math: true}, "
                     "floor: large}"),
               rules("{name: z, when: {tools: true}, floor: large}, {name: x, when: {code: true, tokens: {gt: 7}}, "
                     "tier: large}")),
      ElementsAre(
          "route 'chat', router 'heuristic': rule 'y' is removed",
          "route 'chat', router 'heuristic': rule 'z' is added in front of 'x': {when: {tools: true}, floor: large}",
          "route 'chat', router 'heuristic', rule 'x': when is {tokens: {gt: 7}, code: true}, "
          "was {tokens: {gt: 5}, code: true}"));
  EXPECT_THAT(of_route(rules("{name: x, when: {code: true}, tier: large}, {name: y, when: {math: true}, tier: small}"),
                       rules("{name: y, when: {math: true}, tier: small}, {name: x, when: {code: true}, tier: large}")),
              ElementsAre("route 'chat', router 'heuristic': rules are asked in another order: y, x; was x, y"));
}

TEST(Diff, RoutersAreToldByKind) {
  const auto chain = [](std::string_view routers) { return tiers + "    routers: [" + std::string(routers) + "]\n"; };
  EXPECT_THAT(of_route(chain("fixed: {tier: small}"), chain("header, header: {name: x-tier}, fixed: {tier: large}")),
              ElementsAre("route 'chat': router 'header' is added in front of 'header #2'",
                          "route 'chat': router 'header #2' is added in front of 'fixed': {name: x-tier}",
                          "route 'chat', router 'fixed': tier is large, was small (the tier that it picks)"));
}

TEST(Diff, RoutesAndTheirOrder) {
  const std::string other = "  other: {match: {models: [o1]}, tiers: {small: [a]}}\n";
  EXPECT_THAT(texts(with("", tiers), with("", tiers, other)),
              ElementsAre("route 'other' is added at the end: {match: {models: [o1]}, tiers: {small: [a]}}"));
  EXPECT_THAT(texts(with("", tiers, other), with("", tiers)), ElementsAre("route 'other' is removed"));
  const std::string third = "  third: {match: {models: [o3]}, tiers: {small: [a]}}\n";
  EXPECT_THAT(texts(with("", tiers, other + third), with("", tiers, third + other)),
              ElementsAre("routes are asked in another order: chat, third, other; was chat, other, third"));
}

TEST(Diff, Keys) {
  const auto keys = [](std::string_view list) { return with("", tiers, "keys: [" + std::string(list) + "]\n"); };
  const std::string hash = std::string(64, 'a');
  const std::string web = "{name: web, sha256: " + hash + "}";
  EXPECT_THAT(texts(with("", tiers), keys(web)),
              ElementsAre("requests need a key now", "key 'web' is added: {sha256: ***}"));
  EXPECT_THAT(texts(keys(web), with("", tiers)), ElementsAre("requests need no key any more: there are no `keys`",
                                                             "key 'web' is removed: its requests are refused"));
  EXPECT_THAT(texts(keys(web), keys("{name: web, sha256: " + std::string(64, 'b') + ", may: [tier]}")),
              ElementsAre("key 'web': sha256 changed", "key 'web': may is [tier], was: all of them"));
  EXPECT_THAT(
      texts(keys(web), keys("{name: web, sha256: " + hash + ", routes: [chat]}")),
      ElementsAre(
          "key 'web': routes is [chat], was: all routes, and deployments by name (routes that the key may use)"));
}

TEST(Diff, NoSecretIsShown) {
  const std::string before = with("", tiers);
  std::string after = before;
  after.replace(after.find("secret-one"), 10, "secret-two");
  const auto found = changes(before, after);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].text, "provider 'p': api_key changed");
  EXPECT_EQ(found[0].before + found[0].after, "******");
  std::string without = before;
  without.replace(without.find(", api_key: secret-one"), 21, "");
  EXPECT_THAT(texts(before, without), ElementsAre("provider 'p': api_key is not set any more"));
  EXPECT_THAT(texts(without, before), ElementsAre("provider 'p': api_key is set now"));
}

TEST(Diff, PricesWithSteps) {
  const auto price = [](std::string_view more) {
    return with("  c: {provider: p, price: {input: 1, output: 2" + std::string(more) + "}}\n", tiers);
  };
  EXPECT_THAT(
      texts(price(""), price(", steps: [{above: 1000, input: 2}]")),
      ElementsAre("deployment 'c': price.steps is [{above: 1000, input: 2}], was [] (other rates for long requests)"));
}

// Changes the value of the key that it counts to, whatever it is.
struct Mutator final : Describer {
  explicit Mutator(int place) : left(place) {}

  int left;
  std::string changed;

  void visit(const Key& key, Ref value) override {
    if (left < 0) return;
    switch (value.type->shape) {
      case Shape::scalar:
        if (take(key)) change(value);
        break;
      case Shape::optional:
        if (value.type->container->size(value.at) > 0)
          visit(key, item(value, 0));
        else if (take(key))
          add_to(value);
        break;
      case Shape::list:
      case Shape::map:
      case Shape::named:
        for (std::size_t i = 0; i < value.type->container->size(value.at); ++i) visit(key, item(value, i));
        if (take(key)) add_to(value);
        break;
      case Shape::section: value.type->section->describe(*this, value.at); break;
      case Shape::choice: {
        const Kind* const kind = kind_of(value);
        if (kind == nullptr) break;
        std::any& options = value.type->choice->options(value.at);
        visit({.name = kind->name, .text = kind->text}, {&kind->type(), kind->value(options)});
      }
    }
  }
  void keyword(const Key& key, bool& value, std::string_view) override {
    if (left >= 0 && take(key)) value = !value;
  }

 private:
  static Ref item(Ref list, std::size_t at) { return {&list.type->inside(), list.type->container->at(list.at, at)}; }

  static void add_to(Ref container) {
    const Ref added{&container.type->inside(), container.type->container->add(container.at, "another")};
    if (added.type->shape == Shape::scalar) change(added);
  }

  bool take(const Key& key) {
    if (left-- != 0) return false;
    changed = key.name;
    return true;
  }

  // To the first of these that it can be and is not.
  static void change(Ref value) {
    const ScalarType& type = *value.type->scalar;
    std::vector<std::string> candidates{"true",
                                        "false",
                                        "7",
                                        "8",
                                        "7s",
                                        "8s",
                                        "7B",
                                        "8B",
                                        "h:7",
                                        "h:8",
                                        "http://h",
                                        "http://i",
                                        std::string(64, 'a'),
                                        std::string(64, 'b')};
    candidates.insert(candidates.begin(), type.words.begin(), type.words.end());
    for (const std::string& candidate : candidates) {
      std::string problem;
      std::any parsed = type.parse(candidate, problem);
      const std::string before = type.in_clear(value.at);
      if (!parsed.has_value()) continue;
      type.assign(value.at, std::move(parsed));
      if (type.in_clear(value.at) != before) return;
    }
    ADD_FAILURE() << "no other value of a " << type.name;
  }
};

// Whatever key is changed in a config that has everything, it is told, and nothing crashes.
TEST(Diff, NoKeyIsForgotten) {
  ::setenv("TRIAGE_TEST_SECRET", "s3cr3t", 1);
  const ConfigSpec spec = load_file(TRIAGE_SOURCE_DIR "/tests/golden/config/valid/everything.yaml").spec;
  int count = 0;
  for (;; ++count) {
    ConfigSpec other = spec;
    Mutator mutator(count);
    describe(mutator, other);
    if (mutator.changed.empty()) break;
    const auto found = config_changes(spec, other);
    EXPECT_TRUE(!found.empty() || mutator.changed == "weight") << mutator.changed;  // a lone member's is no matter
    for (const Change& change : found) EXPECT_EQ(change.text.find("s3cr3t"), std::string::npos) << change.text;
  }
  EXPECT_GE(count, 90);
}

}  // namespace
}  // namespace triage::config
