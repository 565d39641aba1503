#include "unit/routing/routed.hpp"

#include "routing/condition.hpp"

namespace triage::routing {
namespace {

bool holds(const ConditionSpec& spec, const std::string& json) {
  Patterns patterns;
  const Condition condition(spec, patterns);
  patterns.compile();
  const Asked asked(json);
  Matches matches(patterns, asked.input().view());
  return condition.holds(asked.input().view(), matches);
}

bool holds_for(const ConditionSpec& spec, std::string_view text) {
  return holds(spec, Asked::chat(text));
}

ConditionSpec words(std::vector<std::string> list) {
  ConditionSpec spec;
  spec.keywords = std::move(list);
  return spec;
}

ConditionSpec regex(std::string pattern) {
  ConditionSpec spec;
  spec.regex = std::move(pattern);
  return spec;
}

BoundsSpec bounds(std::optional<std::int64_t> gt, std::optional<std::int64_t> lt = {}) {
  BoundsSpec out;
  out.gt = gt;
  out.lt = lt;
  return out;
}

RuleSpec rule(std::string name, ConditionSpec when) {
  RuleSpec out;
  out.name = std::move(name);
  out.when = std::move(when);
  return out;
}

std::string obstacle(const ConditionSpec& spec, const std::string& json) {
  Patterns patterns;
  const Condition condition(spec, patterns);
  patterns.compile();
  const Asked asked(json);
  Matches matches(patterns, asked.input().view());
  return condition.obstacle(asked.input().view(), matches);
}

TEST(Conditions, SayWhatDoesNotHold) {
  const std::string json = Asked::chat("hello there");
  ConditionSpec spec;
  EXPECT_EQ(obstacle(spec, json), "");
  spec.turns = bounds(3);
  EXPECT_EQ(obstacle(spec, json), "turns is 1");
  spec = {};
  spec.code = true;
  EXPECT_EQ(obstacle(spec, json), "code is false");
  spec = {};
  spec.max_tokens = bounds(3);
  EXPECT_EQ(obstacle(spec, json), "max_tokens is not set");
  EXPECT_EQ(obstacle(spec, Asked::chat("x", ",\"max_tokens\":2")), "max_tokens is 2");
  spec = {};
  spec.script = Script::cjk;
  EXPECT_EQ(obstacle(spec, json), "script is latin");
  EXPECT_EQ(obstacle(words({"bye"}), json), "none of its keywords is there");
  EXPECT_EQ(obstacle(words({"hello"}), json), "");
  spec = {};
  spec.any = {words({"bye"}), regex("^x")};
  EXPECT_EQ(obstacle(spec, json), "none of its keywords is there and its regex does not match");
  spec.any.push_back(words({"there"}));
  EXPECT_EQ(obstacle(spec, json), "");
  spec.negated.emplace() = words({"hello"});
  EXPECT_EQ(obstacle(spec, json), "what stands under its `not` holds");
}

TEST(Conditions, Bounds) {
  EXPECT_TRUE(range_of(bounds(5)).holds(6));
  EXPECT_FALSE(range_of(bounds(5)).holds(5));
  EXPECT_FALSE(range_of(bounds({}, 5)).holds(5));
  BoundsSpec closed;
  closed.gte = 2;
  closed.lte = 3;
  EXPECT_TRUE(range_of(closed).holds(2) && range_of(closed).holds(3));
  EXPECT_FALSE(range_of(closed).holds(1) || range_of(closed).holds(4));
  closed.gt = 2;
  EXPECT_FALSE(range_of(closed).holds(2));
  EXPECT_FALSE(range_of(bounds(std::numeric_limits<std::int64_t>::max())).holds(7));
}

TEST(Conditions, KeywordsAreWholeWordsInAnyCase) {
  const ConditionSpec spec = words({"prove", "step by step", "c++", "#include", "证明", "École", ".net"});
  for (const char* text : {"prove it", "PROVE", "(Prove)", "think Step By Step.", "in C++?", "x #include <a>",
                           "请证明这个", "une école", "UNE ÉCOLE!", "use .NET"})
    EXPECT_TRUE(holds_for(spec, text)) << text;
  for (const char* text : {"", "improve", "proven", "prove_it", "step by steps", "step  by step", "écoles", "préécole"})
    EXPECT_FALSE(holds_for(spec, text)) << text;
}

TEST(Conditions, RegexIsSoughtAnywhere) {
  EXPECT_TRUE(holds_for(regex("(?i)step by step"), "go STEP BY STEP"));
  EXPECT_FALSE(holds_for(regex("^go$"), "go STEP BY STEP"));
  EXPECT_TRUE(holds_for(regex("\\bT-\\d+\\b"), "see T-12."));
  ConditionSpec both;
  both.all = {regex("a+b"), regex("c+d")};
  EXPECT_TRUE(holds_for(both, "aab ccd"));
  EXPECT_FALSE(holds_for(both, "aab"));
}

TEST(Conditions, PredicatesOfTheBody) {
  const std::string rich =
      R"({"model":"m","max_tokens":100,"metadata":{"tenant":"acme-eu"},"response_format":{"type":"json_object"},
          "tools":[{"type":"function"}],"messages":[{"role":"system","content":"x"},{"role":"user","content":"привет"},
          {"role":"user","content":[{"type":"image_url","image_url":{"url":"u"}},{"type":"text","text":"привет"}]}]})";
  const std::string poor = Asked::chat("hi");
  std::vector<ConditionSpec> specs(10);
  specs[0].turns = bounds(1);
  specs[1].system = true;
  specs[2].tools = true;
  specs[3].images = bounds(0);
  specs[4].max_tokens = bounds({}, 1000);
  specs[5].script = Script::cyrillic;
  specs[6].response_format = ResponseFormat::json_object;
  specs[7].metadata = {{"tenant", "acme-*"}};
  specs[8].tokens_all = bounds(12);
  specs[9].tokens = bounds(1);
  for (std::size_t i = 0; i < specs.size(); ++i) {
    EXPECT_TRUE(holds(specs[i], rich)) << i;
    EXPECT_FALSE(holds(specs[i], poor)) << i;
  }
  ConditionSpec flags;
  flags.code = true;
  EXPECT_TRUE(holds_for(flags, "Write a Python function"));
  flags.math = true;
  EXPECT_FALSE(holds_for(flags, "Write a Python function"));
  flags.code = false;
  EXPECT_TRUE(holds_for(flags, "Solve for x: 2x = 4"));
}

TEST(Conditions, AllAnyNotNest) {
  ConditionSpec spec;  // "a", and "b" or "c", and not ("d" without "e")
  spec.all = {words({"a"}), ConditionSpec()};
  spec.all[1].any = {words({"b"}), words({"c"})};
  ConditionSpec& inner = spec.negated.emplace();
  inner.all = {words({"d"}), ConditionSpec()};
  inner.all[1].negated.emplace() = words({"e"});
  for (const char* text : {"a b", "a c", "a b d e", "c e a"}) EXPECT_TRUE(holds_for(spec, text)) << text;
  for (const char* text : {"a", "b c", "a b d", ""}) EXPECT_FALSE(holds_for(spec, text)) << text;
}

TEST(Conditions, OfALongTextTheEndsAreRead) {
  const std::string filler(200'000, 'x');
  EXPECT_TRUE(holds_for(words({"prove"}), "prove " + filler));
  EXPECT_TRUE(holds_for(words({"prove"}), filler + " prove"));
  EXPECT_TRUE(holds_for(regex("prove$"), filler + " prove"));
  EXPECT_FALSE(holds_for(words({"prove"}), filler + " prove " + filler));
}

ChatView::Reads reads_of(const ConditionSpec& spec) {
  const Asked asked(Asked::chat("a text"));
  const ChatView& view = asked.input().view();
  Patterns patterns;
  const Condition condition(spec, patterns);
  patterns.compile();
  Matches matches(patterns, view);
  (void)condition.holds(view, matches);
  return view.reads();
}

TEST(Conditions, ReadTheTextOnlyIfTheyMust) {
  ConditionSpec spec;
  spec.tokens = bounds(6000);
  spec.tokens_all = bounds({}, 8000);
  EXPECT_EQ(reads_of(spec), (ChatView::Reads{})) << "a text of a few bytes has no 6,000 tokens";
  spec.tokens = bounds(1);
  EXPECT_EQ(reads_of(spec), (ChatView::Reads{.text = true, .tokens = true}));
  spec.tokens_all = bounds({}, 9);
  EXPECT_EQ(reads_of(spec), (ChatView::Reads{.text = true, .tokens = true, .rest = true}));
  spec = words({"text"});
  EXPECT_EQ(reads_of(spec), (ChatView::Reads{.text = true}));
  spec.turns = bounds(5);
  EXPECT_EQ(reads_of(spec), (ChatView::Reads{})) << "what costs nothing is asked first";
  spec = {};
  spec.script = Script::latin;
  EXPECT_EQ(reads_of(spec), (ChatView::Reads{.text = true, .script = true})) << "a script needs no tokens";
}

class HeuristicRouter : public testing::Test {
 protected:
  Decision ask(std::string_view text, std::vector<RuleSpec> rules) {
    TestRoute route;
    route.heuristic(std::move(rules));
    route.fixed("small");
    route.build();
    Decision out = route.decide(Asked(Asked::chat(text)));
    tier_ = out.tier, floor_ = out.floor, ceiling_ = out.ceiling, class_ = out.task_class;
    said_ = out.opinions[0].reason;
    out.opinions.clear();
    return out;
  }
  std::string tier_, floor_, ceiling_, class_, said_;  // the decision's views die with the route
};

TEST_F(HeuristicRouter, TheFirstRuleWithATierWins) {
  RuleSpec first = rule("first", words({"a"}));
  first.tier = "medium";
  RuleSpec second = rule("second", words({"a", "b"}));
  second.tier = "large";
  ask("a b", {first, second});
  EXPECT_EQ(tier_, "medium");
  EXPECT_EQ(said_, "rule first");
  ask("b", {first, second});
  EXPECT_EQ(tier_, "large");
  ask("c", {first, second});
  EXPECT_EQ(tier_, "small");
  EXPECT_EQ(said_, "no rule holds");
}

TEST_F(HeuristicRouter, FloorsAndCeilingsAddUpWhereverTheyStand) {
  RuleSpec pick = rule("pick", words({"a"}));
  pick.tier = "small";
  RuleSpec low = rule("low", words({"b"}));
  low.floor = "medium";
  RuleSpec high = rule("high", words({"c"}));
  high.floor = "large";
  RuleSpec cap = rule("cap", words({"d"}));
  cap.ceiling = "medium";
  const std::vector<RuleSpec> rules{pick, low, high, cap};
  EXPECT_EQ(ask("a b", rules).reason, "rule pick; floor medium by rule low, raised to the floor medium");
  EXPECT_EQ(tier_, "medium");
  ask("a b c", rules);
  EXPECT_EQ(tier_, "large");
  ask("b", rules);
  EXPECT_EQ(tier_, "medium") << "a floor counts for the routers behind, too";
  ask("c d", rules);
  EXPECT_EQ(tier_, "large") << "floor above ceiling: the floor wins";
  EXPECT_EQ(ceiling_, "large");
}

TEST_F(HeuristicRouter, SpecialistsAreOutsideTheOrder) {
  RuleSpec pick = rule("pick", words({"a"}));
  pick.tier = "code";
  pick.task_class = TaskClass::codegen;
  RuleSpec cap = rule("cap", words({"a"}));
  cap.ceiling = "small";
  ask("a", {pick, cap});
  EXPECT_EQ(tier_, "code");
  EXPECT_EQ(class_, "codegen");
}

TEST_F(HeuristicRouter, TheFirstClassCounts) {
  RuleSpec first = rule("first", words({"a"}));
  first.task_class = TaskClass::math;
  RuleSpec second = rule("second", words({"a"}));
  second.task_class = TaskClass::chat;
  ask("a", {first, second});
  EXPECT_EQ(class_, "math");
  EXPECT_EQ(said_, "class math by rule first");
}

TEST(HeuristicTime, IsLinearOnTextsMadeToBeSlow) {
  TestRoute route;
  std::vector<RuleSpec> rules;
  for (const char* pattern : {"(a+)+$", "(a|aa)+b", "(.*)(.*)(.*)x", "([a-z]+)*1"}) {
    rules.push_back(rule(pattern, regex(pattern)));
    rules.back().tier = "large";
  }
  rules.push_back(rule("words", words({std::string(100, 'a') + "b"})));
  rules.back().floor = "large";
  route.heuristic(std::move(rules));
  route.fixed("small");
  route.build();
  // Not timed: a backtracking engine would not come back.
  EXPECT_FALSE(route.decide(Asked(Asked::chat(std::string(1'000'000, 'a') + "!"))).tier.empty());
}

}  // namespace
}  // namespace triage::routing
