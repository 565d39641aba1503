#include "routing/rules.hpp"

#include "options/type_of.hpp"
#include "routing/condition.hpp"

#include <map>

namespace triage {

void describe(options::Describer& v, BoundsSpec& s) {
  v.field({.name = "gt", .text = "greater than"}, s.gt);
  v.field({.name = "gte", .text = "greater than or equal to"}, s.gte);
  v.field({.name = "lt", .text = "less than", .least = 1}, s.lt);
  v.field({.name = "lte", .text = "less than or equal to"}, s.lte);
}

void describe(options::Describer& v, ConditionSpec& s) {
  v.field({.name = "tokens", .text = "estimated tokens of the last user turn"}, s.tokens);
  v.field({.name = "tokens_all", .text = "estimated tokens of all messages and tools"}, s.tokens_all);
  v.field({.name = "keywords",
           .text = "words or phrases, any of which stands in the last user turn, in any case",
           .check = check_keyword},
          s.keywords);
  v.field(
      {.name = "regex", .text = "RE2 expression that matches somewhere in the last user turn", .check = check_regex},
      s.regex);
  v.field({.name = "code", .text = "the last user turn is about code"}, s.code);
  v.field({.name = "math", .text = "the last user turn is about mathematics"}, s.math);
  v.field({.name = "turns", .text = "messages of the user"}, s.turns);
  v.field({.name = "system", .text = "there is a system prompt"}, s.system);
  v.field({.name = "tools", .text = "there are tools"}, s.tools);
  v.field({.name = "called",
           .text = "tools, any of which was called since the last user turn; `*` stands for any text",
           .check = check_glob},
          s.called);
  v.field({.name = "tool_calls", .text = "calls of tools since the last user turn"}, s.tool_calls);
  v.field({.name = "failed_calls", .text = "calls of tools since then whose result reports a failure"}, s.failed_calls);
  v.field({.name = "response_format", .text = "the wanted form"}, s.response_format);
  v.field({.name = "images", .text = "images in all messages"}, s.images);
  v.field({.name = "max_tokens", .text = "the request's own limit; does not hold where it sets none"}, s.max_tokens);
  v.field({.name = "script", .text = "writing system of the last user turn"}, s.script);
  v.field({.name = "metadata",
           .text = "entries of the request's `metadata`; `*` stands for any text",
           .check = check_glob,
           .entry = "name"},
          s.metadata);
  v.field({.name = "all", .text = "conditions that all hold"}, s.all);
  v.field({.name = "any", .text = "conditions of which one holds"}, s.any);
  v.field({.name = "not", .text = "a condition that does not hold"}, s.negated);
}

void describe(options::Describer& v, RuleSpec& s) {
  v.field({.name = "name", .text = "what reasons and logs call it", .required = true, .check = check_name}, s.name);
  v.field({.name = "when", .text = "what a request must look like: all that is named must hold", .required = true},
          s.when);
  v.field({.name = "tier", .text = "the tier to start with; the first rule that holds wins", .shown_default = "none"},
          s.tier);
  v.field({.name = "floor", .text = "no tier below it", .shown_default = "none"}, s.floor);
  v.field({.name = "ceiling", .text = "no tier above it, unless a floor is", .shown_default = "none"}, s.ceiling);
  v.field({.name = "class", .text = "what kind of task it is"}, s.task_class);
}

void describe(options::Describer& v, HeuristicRouterSpec& s) {
  v.field({.name = "rules", .text = "all of them are asked, in order", .required = true}, s.rules);
}

}  // namespace triage

namespace triage::routing {
namespace {

using options::Checking;
using options::in_quotes;
using options::Path;

bool bounded(const std::optional<BoundsSpec>& bounds) {
  return bounds && *bounds != BoundsSpec();
}

bool looks_at_length(const ConditionSpec& condition) {
  return bounded(condition.tokens) || bounded(condition.tokens_all) || bounded(condition.turns) ||
         bounded(condition.max_tokens);
}

bool looks_at_more(const ConditionSpec& condition) {
  return bounded(condition.images) || bounded(condition.tool_calls) || bounded(condition.failed_calls) ||
         !condition.called.empty() || !condition.keywords.empty() || condition.regex || condition.code ||
         condition.math || condition.system || condition.tools || condition.response_format || condition.script ||
         !condition.metadata.empty();
}

bool names_nothing(const ConditionSpec& condition) {
  return !looks_at_length(condition) && !looks_at_more(condition) && condition.all.empty() && condition.any.empty() &&
         !condition.negated;
}

bool within(const std::optional<BoundsSpec>& narrow, const std::optional<BoundsSpec>& wide) {
  if (!bounded(wide)) return true;
  if (!bounded(narrow)) return false;
  const Range inner = range_of(*narrow);
  const Range outer = range_of(*wide);
  return inner.least >= outer.least && inner.most <= outer.most;
}

bool among(const std::vector<std::string>& narrow, const std::vector<std::string>& wide) {
  if (wide.empty()) return true;
  return !narrow.empty() &&
         std::ranges::all_of(narrow, [&](const std::string& word) { return options::contains(wide, word); });
}

// Whether `narrow` has everything that `wide` has.
template <class T>
bool equal_if_named(const T& narrow, const T& wide) {
  return wide == T() || narrow == wide;
}

void check_bounds(const Checking& in, const std::optional<BoundsSpec>& bounds, const Path& path) {
  if (!bounds || !in.intact(path) || !in.intact_inside(path)) return;
  if (*bounds == BoundsSpec()) {
    in.error(path, to_string(path) + " has no bound", "add 'gt', 'gte', 'lt' or 'lte'");
    return;
  }
  Range range = range_of(*bounds);
  range.least = std::max<std::int64_t>(range.least, 0);
  if (range.least > range.most)
    in.error(path, to_string(path) + " never holds: no number is within its bounds", "check which one is which");
}

void check_condition(const Checking& in, const ConditionSpec& condition, const Path& path);

void check_conditions(const Checking& in, const std::vector<ConditionSpec>& conditions, const Path& path) {
  if (conditions.empty() && in.written(path) && in.intact(path))
    in.error(path, to_string(path) + " is empty", "list conditions, or remove it");
  for (std::size_t i = 0; i < conditions.size(); ++i) check_condition(in, conditions[i], path / i);
}

void check_condition(const Checking& in, const ConditionSpec& condition, const Path& path) {
  if (!in.intact(path)) return;
  const auto written = [&](const char* key) { return in.written(path / key); };
  if (names_nothing(condition) && in.intact_inside(path) && !written("keywords") && !written("regex") &&
      !written("called") && !written("all") && !written("any")) {
    in.error(path, to_string(path) + " is empty and holds for every request",
             "name what a request must look like: 'tokens: {gt: 6000}', 'keywords: [prove]', 'code: true', ...");
    return;
  }
  if (condition.keywords.empty() && written("keywords") && in.intact(path / "keywords"))
    in.error(path / "keywords", to_string(path / "keywords") + " is empty and never holds",
             "name a word, or remove it");
  check_bounds(in, condition.tokens, path / "tokens");
  check_bounds(in, condition.tokens_all, path / "tokens_all");
  check_bounds(in, condition.turns, path / "turns");
  check_bounds(in, condition.images, path / "images");
  check_bounds(in, condition.max_tokens, path / "max_tokens");
  check_bounds(in, condition.tool_calls, path / "tool_calls");
  check_bounds(in, condition.failed_calls, path / "failed_calls");
  if (condition.called.empty() && written("called") && in.intact(path / "called"))
    in.error(path / "called", to_string(path / "called") + " is empty", "name a tool, or remove it");
  check_conditions(in, condition.all, path / "all");
  check_conditions(in, condition.any, path / "any");
  if (condition.negated) check_condition(in, *condition.negated, path / "not");
}

void check_rule(const Checking& in, const RouteSpec& route, const RuleSpec& rule, const Path& path) {
  const auto unwritten = [&](const char* key) { return !in.written(path / key); };
  if (unwritten("tier") && unwritten("floor") && unwritten("ceiling") && unwritten("class"))
    in.error(path, to_string(path) + " has no outcome", "add 'tier', 'floor', 'ceiling' or 'class'");
  if (!unwritten("tier")) in.own_tier(route, rule.tier, path / "tier");
  in.own_ordered_tier(route, rule.floor, path / "floor");
  in.own_ordered_tier(route, rule.ceiling, path / "ceiling");
  if (!rule.floor.empty() && !rule.ceiling.empty() && options::contains(in.spec().tiers, rule.floor) &&
      in.position(rule.floor) > in.position(rule.ceiling))
    in.error(
        path / "floor",
        to_string(path) + ": the floor " + in_quotes(rule.floor) + " is above the ceiling " + in_quotes(rule.ceiling),
        "swap them, or remove one");
  if (in.written(path / "when")) check_condition(in, rule.when, path / "when");
}

}  // namespace

bool looks_only_at_length(const ConditionSpec& condition) {
  return !looks_at_more(condition) && std::ranges::all_of(condition.all, looks_only_at_length) &&
         std::ranges::all_of(condition.any, looks_only_at_length) &&
         (!condition.negated || looks_only_at_length(*condition.negated));
}

bool implies(const ConditionSpec& narrow, const ConditionSpec& wide) {
  return within(narrow.tokens, wide.tokens) && within(narrow.tokens_all, wide.tokens_all) &&
         within(narrow.turns, wide.turns) && within(narrow.images, wide.images) &&
         within(narrow.max_tokens, wide.max_tokens) && within(narrow.tool_calls, wide.tool_calls) &&
         within(narrow.failed_calls, wide.failed_calls) && among(narrow.called, wide.called) &&
         among(narrow.keywords, wide.keywords) && equal_if_named(narrow.regex, wide.regex) &&
         equal_if_named(narrow.code, wide.code) && equal_if_named(narrow.math, wide.math) &&
         equal_if_named(narrow.system, wide.system) && equal_if_named(narrow.tools, wide.tools) &&
         equal_if_named(narrow.response_format, wide.response_format) && equal_if_named(narrow.script, wide.script) &&
         equal_if_named(narrow.metadata, wide.metadata) && equal_if_named(narrow.all, wide.all) &&
         equal_if_named(narrow.any, wide.any) && equal_if_named(narrow.negated, wide.negated);
}

void check_rules(const Checking& in, const RouteSpec& route, const Path& at, const HeuristicRouterSpec& heuristic) {
  if (heuristic.rules.empty()) {
    if (in.intact(at / "rules"))
      in.error(at, to_string(at) + " has no rules", "add 'rules: [{name: ..., when: {...}, tier: ...}]'");
    return;
  }
  std::map<std::string, Path> names;
  for (std::size_t i = 0; i < heuristic.rules.size(); ++i) {
    const RuleSpec& rule = heuristic.rules[i];
    const Path here = at / "rules" / i;
    if (!in.intact(here)) continue;
    check_rule(in, route, rule, here);
    if (!in.intact(here / "name")) continue;
    const auto [first, added] = names.emplace(rule.name, here / "name");
    if (!added)
      in.error(here / "name", to_string(here) + ": rule " + in.shown(here / "name", rule.name) + " is named twice",
               "the first one is at " + in.place_of(first->second));
  }
}

}  // namespace triage::routing
