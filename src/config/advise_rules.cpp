// Rules of a chain that look at nothing that tells difficulty, or that another rule keeps from ever counting.
#include "config/advise.hpp"

#include <algorithm>
#include <limits>

namespace triage::config {
namespace {

constexpr std::size_t rules_max = 150;  // compared with each other: a bound on the time for any file

bool looks_only_at_length(const Tree& condition) {
  return std::ranges::all_of(condition.inside, [](const Tree& key) {
    if (key.empty()) return true;
    if (key.whole) return looks_only_at_length(key);  // not
    if (key.name == "all" || key.name == "any") return std::ranges::all_of(key.inside, looks_only_at_length);
    return key.name == "tokens" || key.name == "tokens_all" || key.name == "turns" || key.name == "max_tokens";
  });
}

struct Limits {
  std::int64_t least = std::numeric_limits<std::int64_t>::min();
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
};

Limits limits_of(const Tree& bounds) {
  Limits out;
  for (const Tree& bound : bounds.inside) {
    const std::int64_t value = std::stoll(bound.text);
    if (bound.name == "gt") out.least = std::max(out.least, value == Limits().most ? value : value + 1);
    if (bound.name == "gte") out.least = std::max(out.least, value);
    if (bound.name == "lt") out.most = std::min(out.most, value - 1);
    if (bound.name == "lte") out.most = std::min(out.most, value);
  }
  return out;
}

bool part_of(const Tree& narrow, const Tree& wide) {
  if (same(narrow, wide)) return true;
  if (wide.name == "keywords")
    return std::ranges::all_of(narrow.inside, [&](const Tree& word) { return wide.find(word.name) != nullptr; });
  if (!wide.section || wide.whole) return false;
  const Limits inner = limits_of(narrow);
  const Limits outer = limits_of(wide);
  return inner.least >= outer.least && inner.most <= outer.most;
}

// Whether `wide` surely holds wherever `narrow` does. False when it is not plain to see.
bool implies(const Tree& narrow, const Tree& wide) {
  return std::ranges::all_of(wide.inside, [&](const Tree& key) {
    const Tree* const own = narrow.find(key.name);
    return key.empty() || (own != nullptr && !own->empty() && part_of(*own, key));
  });
}

}  // namespace

void Advisor::advise_rules(const RouteSpec& route) {
  std::vector<PlacedRule> rules;
  const Path path = Path{"routes", route.name} / "routers";
  for (std::size_t router = 0; router < route.routers.size(); ++router)
    for (std::size_t i = 0; i < route.routers[router].heuristic.rules.size(); ++i) {
      const RuleSpec& rule = route.routers[router].heuristic.rules[i];
      rules.push_back({&rule, path / router / "heuristic" / "rules" / i, router, tree_of(rule.when)});
    }
  if (rules.empty()) return;
  advise_length_alone(rules);
  for (const PlacedRule& rule : rules) advise_own_bounds(rule);
  if (rules.size() > rules_max) return;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    bool told = false;
    for (std::size_t k = 0; k < rules.size(); ++k) {
      if (i == k || !implies(rules[i].when, rules[k].when)) continue;
      if (k < i && !told) told = advise_unreached(rules[i], rules[k]);
      if (rules[i].router == rules[k].router) advise_ceiling(rules[i], rules[k]);
    }
  }
}

void Advisor::advise_length_alone(const std::vector<PlacedRule>& rules) {
  if (!std::ranges::all_of(rules, [](const PlacedRule& rule) { return looks_only_at_length(rule.when); })) return;
  Path router = rules.front().path;
  router.resize(router.size() - 2);
  warning(router,
          to_string(router) + " looks at nothing but length: token counts and turns say little about difficulty",
          "add rules on code, math, keywords or tools, or a router that judges the text");
}

void Advisor::advise_own_bounds(const PlacedRule& rule) {
  const RuleSpec& spec = *rule.spec;
  const std::size_t tier = position(spec.tier);
  if (tier == spec_.tiers.size()) return;
  const bool raised = !spec.floor.empty() && tier < position(spec.floor);
  const bool lowered = !raised && !spec.ceiling.empty() && tier > position(spec.ceiling);
  if (!raised && !lowered) return;
  const std::string& bound = raised ? spec.floor : spec.ceiling;
  warning(rule.path / "tier",
          to_string(rule.path) + ": its tier " + in_quotes(spec.tier) +
              (raised ? " is below its own floor " : " is above its own ceiling ") + in_quotes(bound) +
              ", which always wins",
          "write 'tier: " + bound + "', or remove one of the two");
}

bool Advisor::advise_unreached(const PlacedRule& rule, const PlacedRule& before) {
  if (before.spec->tier.empty()) return false;
  const bool all_of_it = before.router != rule.router;
  if (!all_of_it && rule.spec->tier.empty()) return false;
  warning(all_of_it ? rule.path : rule.path / "tier",
          to_string(rule.path) + (all_of_it ? "" : ".tier") + " never counts: rule " + in_quotes(before.spec->name) +
              " picks before it, whenever this one holds",
          "put the narrower rule in front, or remove it");
  return true;
}

void Advisor::advise_ceiling(const PlacedRule& rule, const PlacedRule& other) {
  if (rule.spec->ceiling.empty() || other.spec->floor.empty() ||
      position(other.spec->floor) <= position(rule.spec->ceiling))
    return;
  warning(rule.path / "ceiling",
          to_string(rule.path) + ".ceiling never counts: rule " + in_quotes(other.spec->name) + " has the floor " +
              in_quotes(other.spec->floor) + ", whenever this one holds, and a floor wins",
          "remove one of the two, or narrow the rule with the floor");
}

}  // namespace triage::config
