// routes.<name>.routers: tiers that the route has, rules that can hold and that say something, a last router that
// always picks.
#include "config/check.hpp"
#include "config/describe.hpp"
#include "config/nearest.hpp"
#include "config/tree.hpp"

#include <map>

namespace triage::config {
namespace {

struct AlwaysPicks : AnyVisitor {
  std::string_view kind_name;
  bool answer = false;

  template <class T>
  void kind(const Key& key, T&, bool always) {
    if (key.name == kind_name) answer = always;
  }
};

// Whether a router of that kind picks whatever the request is.
bool always_picks(const RouterSpec& router) {
  AlwaysPicks visitor;
  visitor.kind_name = router.kind;
  RouterSpec copy = router;
  describe(visitor, copy);
  return visitor.answer;
}

bool names_nothing(const ConditionSpec& condition) {
  return std::ranges::all_of(tree_of(condition).inside, &Tree::empty);
}

}  // namespace

void Checker::check_chain(const RouteSpec& route) {
  const Path path = Path{"routes", route.name} / "routers";
  const auto own = firsts_of(route.tiers);
  const bool tiers_known = !own.empty() && origins_.intact({"routes", route.name, "tiers"});
  const bool ordered =
      std::any_of(own.begin(), own.end(), [&](const std::string& tier) { return !contains(spec_.specialists, tier); });
  if (route.routers.empty()) {
    if (tiers_known && !ordered && origins_.intact(path))
      error(path, "routes." + route.name + " has specialists only, of which none is the highest tier",
            "add 'routers: [fixed: {tier: " + own.front() + "}]'");
    return;
  }
  for (std::size_t i = 0; i < route.routers.size(); ++i) {
    const RouterSpec& router = route.routers[i];
    const Path at = path / i;
    if (!origins_.intact(at)) continue;
    check_router(route, router, at / router.kind);
    const bool last = i + 1 == route.routers.size();
    if (always_picks(router) && !last)
      warning(at, to_string(at) + " always picks: the routers behind it are never asked", "move it to the end");
    if (!always_picks(router) && last && router.kind != "llm")
      error(at, to_string(at) + " may pass, and no router follows it",
            "end the chain with 'fixed: {tier: " + (own.empty() ? std::string("...") : own.front()) + "}'");
  }
}

void Checker::check_router(const RouteSpec& route, const RouterSpec& router, const Path& path) {
  if (router.kind == "fixed") check_own_tier(route, router.fixed.tier, path / "tier");
  if (router.kind == "heuristic") check_rules(route, router.heuristic, path);
  if (router.kind == "llm") check_labels(route, router.llm, path);
  if (router.kind != "weighted") return;
  check_own_tier(route, router.weighted.tier, path / "tier");
  for (const auto& [tier, members] : route.tiers)
    if (tier == router.weighted.tier && members.size() == 1 && origins_.intact({"routes", route.name, "tiers"}))
      warning(path / "tier", to_string(path) + ": tier " + in_quotes(tier) + " has one deployment: nothing is spread",
              "give the tier a second one, or write 'fixed: {tier: " + tier + "}'");
}

void Checker::check_labels(const RouteSpec& route, const LlmRouterSpec& llm, const Path& path) {
  unknown(path / "deployment", "deployment", llm.deployment, names_of(spec_.deployments), "deployments");
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < llm.labels.size(); ++i) {
    const Path at = path / "labels" / i;
    if (!origins_.intact(at) || !origins_.intact_inside(at)) continue;
    check_own_tier(route, llm.labels[i].tier, at / "tier");
    if (contains(labels, llm.labels[i].label))
      error(at / "label",
            to_string(at) + ": label " + origins_.shown(at / "label", llm.labels[i].label) + " comes twice",
            "give each tier labels of its own");
    labels.push_back(llm.labels[i].label);
  }
  if (llm.labels.empty())
    for (const auto& [tier, members] : route.tiers)
      if (!contains(spec_.specialists, tier)) labels.push_back(tier);
  for (std::size_t i = 0; i < llm.examples.size(); ++i) {
    const Path at = path / "examples" / i / "label";
    if (contains(labels, llm.examples[i].label) || !origins_.intact(at)) continue;
    error(at, to_string(at) + ": unknown label " + origins_.shown(at, llm.examples[i].label),
          suggest(llm.examples[i].label, labels, "known labels", "add it to 'labels'"));
  }
}

void Checker::check_own_tier(const RouteSpec& route, const std::string& tier, const Path& path) {
  const auto own = firsts_of(route.tiers);
  if (own.empty() || contains(own, tier) || !origins_.intact(path) || !origins_.intact({"routes", route.name, "tiers"}))
    return;
  error(path, to_string(path) + ": the route has no tier " + origins_.shown(path, tier),
        suggest(tier, own, "its tiers", ""));
}

void Checker::check_own_ordered_tier(const RouteSpec& route, const std::string& tier, const Path& path) {
  if (tier.empty()) return;
  if (contains(spec_.specialists, tier) && origins_.intact(path))
    error(path, to_string(path) + ": " + origins_.shown(path, tier) + " is a specialist, which is outside the order",
          "name one of 'tiers', or use 'tier' to send requests to the specialist");
  else
    check_own_tier(route, tier, path);
}

void Checker::check_rules(const RouteSpec& route, const HeuristicRouterSpec& heuristic, const Path& path) {
  if (heuristic.rules.empty()) {
    if (origins_.intact(path / "rules"))
      error(path, to_string(path) + " has no rules", "add 'rules: [{name: ..., when: {...}, tier: ...}]'");
    return;
  }
  std::map<std::string, Path> names;
  for (std::size_t i = 0; i < heuristic.rules.size(); ++i) {
    const RuleSpec& rule = heuristic.rules[i];
    const Path at = path / "rules" / i;
    if (!origins_.intact(at)) continue;
    check_rule(route, rule, at);
    if (!origins_.intact(at / "name")) continue;
    const auto [first, added] = names.emplace(rule.name, at / "name");
    if (!added)
      error(at / "name", to_string(at) + ": rule " + origins_.shown(at / "name", rule.name) + " is named twice",
            "the first one is at " + report_.name(origins_.place(first->second)));
  }
}

void Checker::check_rule(const RouteSpec& route, const RuleSpec& rule, const Path& path) {
  const auto unwritten = [&](const char* key) { return !origins_.find(path / key); };
  if (unwritten("tier") && unwritten("floor") && unwritten("ceiling") && unwritten("class"))
    error(path, to_string(path) + " has no outcome", "add 'tier', 'floor', 'ceiling' or 'class'");
  if (!unwritten("tier")) check_own_tier(route, rule.tier, path / "tier");
  check_own_ordered_tier(route, rule.floor, path / "floor");
  check_own_ordered_tier(route, rule.ceiling, path / "ceiling");
  if (!rule.floor.empty() && !rule.ceiling.empty() && contains(spec_.tiers, rule.floor) &&
      position(rule.floor) > position(rule.ceiling))
    error(path / "floor",
          to_string(path) + ": the floor " + in_quotes(rule.floor) + " is above the ceiling " + in_quotes(rule.ceiling),
          "swap them, or remove one");
  if (origins_.find(path / "when")) check_condition(rule.when, path / "when");
}

void Checker::check_condition(const ConditionSpec& condition, const Path& path) {
  if (!origins_.intact(path)) return;
  const auto written = [&](const char* key) { return origins_.find(path / key) != nullptr; };
  if (names_nothing(condition) && origins_.intact_inside(path) && !written("keywords") && !written("regex") &&
      !written("all") && !written("any")) {
    error(path, to_string(path) + " is empty and holds for every request",
          "name what a request must look like: 'tokens: {gt: 6000}', 'keywords: [prove]', 'code: true', ...");
    return;
  }
  if (condition.keywords.empty() && written("keywords") && origins_.intact(path / "keywords"))
    error(path / "keywords", to_string(path / "keywords") + " is empty and never holds", "name a word, or remove it");
  check_bounds(condition.tokens, path / "tokens");
  check_bounds(condition.tokens_all, path / "tokens_all");
  check_bounds(condition.turns, path / "turns");
  check_bounds(condition.images, path / "images");
  check_bounds(condition.max_tokens, path / "max_tokens");
  check_conditions(condition.all, path / "all");
  check_conditions(condition.any, path / "any");
  if (condition.negated) check_condition(*condition.negated, path / "not");
}

void Checker::check_conditions(const std::vector<ConditionSpec>& conditions, const Path& path) {
  if (conditions.empty() && origins_.find(path) && origins_.intact(path))
    error(path, to_string(path) + " is empty", "list conditions, or remove it");
  for (std::size_t i = 0; i < conditions.size(); ++i) check_condition(conditions[i], path / i);
}

void Checker::check_bounds(const std::optional<BoundsSpec>& bounds, const Path& path) {
  if (!bounds || !origins_.intact(path) || !origins_.intact_inside(path)) return;
  if (!bounds->gt && !bounds->gte && !bounds->lt && !bounds->lte) {
    error(path, to_string(path) + " has no bound", "add 'gt', 'gte', 'lt' or 'lte'");
    return;
  }
  const std::int64_t least = std::max(bounds->gte.value_or(0), bounds->gt ? *bounds->gt : -1);
  const bool open_below = bounds->gt && *bounds->gt >= bounds->gte.value_or(0);
  const bool crossed = (bounds->lte && (open_below ? least >= *bounds->lte : least > *bounds->lte)) ||
                       (bounds->lt && (open_below ? least >= *bounds->lt - 1 : least >= *bounds->lt));
  if (crossed)
    error(path, to_string(path) + " never holds: no number is within its bounds", "check which one is which");
}

}  // namespace triage::config
