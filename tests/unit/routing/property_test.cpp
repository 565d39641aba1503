// Random rules, random requests: the tier is within floor and ceiling, and the same input gives the same choice.
#include "unit/routing/routed.hpp"

#include <algorithm>
#include <random>

namespace triage::routing {
namespace {

class Draw {
 public:
  explicit Draw(unsigned seed) : generator_(seed) {}
  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(generator_); }
  bool once_in(std::size_t n) { return below(n) == 0; }
  std::string tier(bool specialist) {
    static const std::vector<std::string> names{"small", "medium", "large", "code"};
    return names[below(specialist ? 4 : 3)];
  }
  std::string word() {
    static const std::vector<std::string> words{"prove",   "hello", "python", "function",
                                                "weather", "12",    "+",      "how many"};
    return words[below(words.size())];
  }

  ConditionSpec condition(int depth) {
    ConditionSpec out;
    if (once_in(3)) out.keywords = {word(), word()};
    if (once_in(4)) out.regex = "(?i)" + std::string(once_in(2) ? "h.l+o" : "p[a-z]+n");
    if (once_in(4)) out.tokens.emplace().gt = static_cast<std::int64_t>(below(20));
    if (once_in(6)) out.code = once_in(2);
    if (once_in(6)) out.math = once_in(2);
    if (once_in(8)) out.turns.emplace().lte = 1;
    if (once_in(8)) out.script = Script::latin;
    if (depth == 0) return out;
    if (once_in(3)) out.all = {condition(depth - 1), condition(depth - 1)};
    if (once_in(3)) out.any = {condition(depth - 1), condition(depth - 1)};
    if (once_in(4)) out.negated.emplace() = condition(depth - 1);
    return out;
  }

  RuleSpec rule(std::size_t number) {
    RuleSpec out;
    out.name = "r" + std::to_string(number);
    out.when = condition(2);
    if (once_in(3)) out.tier = tier(true);
    if (once_in(3)) out.floor = tier(false);
    if (once_in(3)) out.ceiling = tier(false);
    if (once_in(4)) out.task_class = TaskClass::chat;
    return out;
  }

  TestRoute route() {
    TestRoute out;
    for (std::size_t routers = below(3); routers > 0; --routers) {
      std::vector<RuleSpec> rules;
      for (std::size_t i = below(8) + 1; i > 0; --i) rules.push_back(rule(i));
      out.heuristic(std::move(rules));
    }
    out.fixed(tier(true));
    return out;
  }

  std::string text() {
    std::string out;
    for (std::size_t i = below(30); i > 0; --i) out += word() + " ";
    return out;
  }

 private:
  std::mt19937 generator_;
};

TestRoute route_copy(const TestRoute& from) {
  TestRoute out;
  out.route = from.route;
  return out;
}

// What a heuristic says of its rules agrees with what it picks.
TEST(AnyChain, RulesSeenAgreeWithThePick) {
  int picked = 0;
  for (unsigned seed = 0; seed < 2000; ++seed) {
    Draw draw(seed);
    TestRoute route = draw.route();
    route.build();
    const Asked asked(Asked::chat(draw.text()));
    for (std::size_t i = 0; i + 1 < route.chain.size(); ++i) {
      const Opinion said = route.chain[i]->pick(asked.input());
      const std::vector<RuleSeen> seen = route.chain[i]->rules_seen(asked.input());
      const auto& rules = options::options_as<HeuristicRouterSpec>(route.route.routers[i].options).rules;
      ASSERT_EQ(seen.size(), rules.size());
      std::string tier;
      bool floor = false;
      for (std::size_t k = 0; k < rules.size(); ++k) {
        ASSERT_EQ(seen[k].rule, rules[k].name);
        ASSERT_TRUE(seen[k].holds || !seen[k].text.empty());
        if (seen[k].holds && tier.empty()) tier = rules[k].tier;
        floor = floor || (seen[k].holds && !rules[k].floor.empty());
      }
      ASSERT_EQ(said.tier, tier) << seed;
      ASSERT_EQ(!said.floor.empty(), floor) << seed;
      picked += !tier.empty();
    }
  }
  EXPECT_GT(picked, 100);
}

TEST(AnyChain, ChoosesWithinFloorAndCeilingAndAlwaysTheSame) {
  int clamped = 0;
  int specialists = 0;
  for (unsigned seed = 0; seed < 2000; ++seed) {
    Draw draw(seed);
    TestRoute route = draw.route();
    TestRoute twin = route_copy(route);
    route.build();
    twin.build();
    const std::string json = Asked::chat(draw.text());
    const Decision first = route.decide(Asked(json));
    const Decision second = twin.decide(Asked(json));
    ASSERT_EQ(first.tier, second.tier) << seed;
    ASSERT_EQ(first.reason, second.reason) << seed;
    ASSERT_FALSE(first.tier.empty()) << seed;
    ASSERT_EQ(first.router, first.opinions.back().router);

    const auto position = [&](std::string_view tier) {
      return std::find(route.order.begin(), route.order.end(), tier) - route.order.begin();
    };
    if (first.picked == "code") {
      ASSERT_EQ(first.tier, "code") << seed;
      ++specialists;
      continue;
    }
    std::ptrdiff_t floor = 0;
    std::ptrdiff_t ceiling = 2;
    for (const Opinion& said : first.opinions) {
      if (!said.floor.empty()) floor = std::max(floor, position(said.floor));
      if (!said.ceiling.empty()) ceiling = std::min(ceiling, position(said.ceiling));
    }
    ASSERT_GE(position(first.tier), floor) << seed;
    ASSERT_LE(position(first.tier), std::max(floor, ceiling)) << seed;
    clamped += first.tier != first.picked;
  }
  EXPECT_GT(clamped, 50) << "the draw is too tame to show anything";
  EXPECT_GT(specialists, 50);
}

}  // namespace
}  // namespace triage::routing
