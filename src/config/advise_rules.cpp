// Finds rules of a chain that look at nothing related to difficulty, or that another rule keeps from ever counting.
#include "config/advise.hpp"

#include <algorithm>

namespace triage::config {
namespace {

constexpr std::size_t rules_max = 150;  // compared with each other: bounds the time for any file

}  // namespace

void Advisor::advise_rules(const RouteSpec& route) {
  std::vector<PlacedRule> rules;
  const Path path = path_of(route) / "routers";
  for (std::size_t router = 0; router < route.routers.size(); ++router) {
    const auto* const heuristic = std::any_cast<HeuristicRouterSpec>(&route.routers[router].options);
    if (heuristic == nullptr) continue;
    for (std::size_t i = 0; i < heuristic->rules.size(); ++i)
      rules.push_back({&heuristic->rules[i], path / router / "heuristic" / "rules" / i, router});
  }
  if (rules.empty()) return;
  advise_length_alone(rules);
  for (const PlacedRule& rule : rules) advise_own_bounds(rule);
  if (rules.size() > rules_max) return;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    bool told = false;
    for (std::size_t k = 0; k < rules.size(); ++k) {
      if (i == k || !routing::implies(rules[i].spec->when, rules[k].spec->when)) continue;
      if (k < i && !told) told = advise_unreached(rules[i], rules[k]);
      if (rules[i].router == rules[k].router) advise_ceiling(rules[i], rules[k]);
    }
  }
}

void Advisor::advise_length_alone(const std::vector<PlacedRule>& rules) {
  if (!std::ranges::all_of(rules,
                           [](const PlacedRule& rule) { return routing::looks_only_at_length(rule.spec->when); }))
    return;
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
