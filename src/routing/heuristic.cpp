// heuristic: {rules: [{name, when, tier | floor | ceiling | class}, ...]}
// Every rule is evaluated. The first that holds and names a tier picks it, and likewise for the class. Of all floors
// the highest counts, of all ceilings the lowest, wherever their rules are.
#include "options/type_of.hpp"
#include "routing/condition.hpp"
#include "routing/routers.hpp"
#include "routing/rules.hpp"

#include <algorithm>

namespace triage::routing {
namespace {

class Heuristic final : public Router {
 public:
  Heuristic(const HeuristicRouterSpec& spec, std::span<const std::string> order) {
    const auto position = [order](const std::string& tier) {
      return tier.empty() ? std::ptrdiff_t{-1} : std::find(order.begin(), order.end(), tier) - order.begin();
    };
    for (const RuleSpec& rule : spec.rules)
      rules_.push_back({rule, Condition(rule.when, patterns_), position(rule.floor), position(rule.ceiling)});
    patterns_.compile();
  }
  [[nodiscard]] std::string_view kind() const noexcept override { return "heuristic"; }
  [[nodiscard]] Opinion pick(const RoutingInput& input) const override;
  [[nodiscard]] std::vector<RuleSeen> rules_seen(const RoutingInput& input) const override;

 private:
  struct Rule {
    const RuleSpec& spec;
    Condition when;
    std::ptrdiff_t floor;  // an index into the order, -1: none
    std::ptrdiff_t ceiling;
  };
  struct Standing {
    const Rule* tier = nullptr;
    const Rule* floor = nullptr;
    const Rule* ceiling = nullptr;
    const Rule* task_class = nullptr;
  };
  [[nodiscard]] static bool adds(const Rule& rule, const Standing& so_far) noexcept;
  static void apply(const Rule& rule, Standing& so_far) noexcept;

  Patterns patterns_;
  std::vector<Rule> rules_;
};

bool raises(std::ptrdiff_t floor, std::ptrdiff_t than) noexcept {
  return floor > than;
}
bool lowers(std::ptrdiff_t ceiling, std::ptrdiff_t than) noexcept {
  return ceiling >= 0 && (than < 0 || ceiling < than);
}

// Whether a rule could change anything; otherwise it need not be evaluated.
bool Heuristic::adds(const Rule& rule, const Standing& so_far) noexcept {
  return (so_far.tier == nullptr && !rule.spec.tier.empty()) ||
         (so_far.task_class == nullptr && rule.spec.task_class) ||
         raises(rule.floor, so_far.floor != nullptr ? so_far.floor->floor : -1) ||
         lowers(rule.ceiling, so_far.ceiling != nullptr ? so_far.ceiling->ceiling : -1);
}

void Heuristic::apply(const Rule& rule, Standing& so_far) noexcept {
  if (so_far.tier == nullptr && !rule.spec.tier.empty()) so_far.tier = &rule;
  if (so_far.task_class == nullptr && rule.spec.task_class) so_far.task_class = &rule;
  if (raises(rule.floor, so_far.floor != nullptr ? so_far.floor->floor : -1)) so_far.floor = &rule;
  if (lowers(rule.ceiling, so_far.ceiling != nullptr ? so_far.ceiling->ceiling : -1)) so_far.ceiling = &rule;
}

Opinion Heuristic::pick(const RoutingInput& input) const {
  const ChatView& view = input.view();
  Matches matches(patterns_, view);
  Standing standing;
  for (const Rule& rule : rules_)
    if (adds(rule, standing) && rule.when.holds(view, matches)) apply(rule, standing);

  Opinion out;
  const auto say = [&out](const Rule& rule, std::string_view what, std::string_view tier) {
    if (!out.reason.empty()) out.reason += "; ";
    if (!what.empty()) out.reason.append(what).append(tier).append(" by ");
    out.reason.append("rule ").append(rule.spec.name);
  };
  if (standing.tier != nullptr) {
    out.tier = standing.tier->spec.tier;
    say(*standing.tier, "", "");
  }
  if (standing.floor != nullptr) {
    out.floor = standing.floor->spec.floor;
    say(*standing.floor, "floor ", out.floor);
  }
  if (standing.ceiling != nullptr) {
    out.ceiling = standing.ceiling->spec.ceiling;
    say(*standing.ceiling, "ceiling ", out.ceiling);
  }
  if (standing.task_class != nullptr) {
    out.task_class = word(*standing.task_class->spec.task_class);
    if (standing.task_class != standing.tier) say(*standing.task_class, "class ", out.task_class);
  }
  if (out.reason.empty()) out.reason = "no rule holds";
  return out;
}

std::string outcome_of(const RuleSpec& rule) {
  std::string out;
  const auto say = [&out](const char* what, std::string_view value) {
    if (!value.empty()) out.append(out.empty() ? "" : ", ").append(what).append(value);
  };
  say("tier ", rule.tier);
  say("floor ", rule.floor);
  say("ceiling ", rule.ceiling);
  if (rule.task_class) say("class ", word(*rule.task_class));
  return out;
}

std::vector<RuleSeen> Heuristic::rules_seen(const RoutingInput& input) const {
  const ChatView& view = input.view();
  Matches matches(patterns_, view);
  std::vector<RuleSeen> out;
  for (const Rule& rule : rules_) {
    std::string obstacle = rule.when.obstacle(view, matches);
    const bool holds = obstacle.empty();
    out.push_back({rule.spec.name, holds, holds ? outcome_of(rule.spec) : std::move(obstacle)});
  }
  return out;
}

}  // namespace

extern const RouterKind heuristic_router{
    .is = options::kind_of<HeuristicRouterSpec>("heuristic", "rules over what the request looks like"),
    .check =
        [](const options::Checking& in, const RouteSpec& route, const options::Path& at, const std::any& options) {
          check_rules(in, route, at, options::options_as<HeuristicRouterSpec>(options));
        },
    .make = [](const std::any& options, const Surroundings& around) -> std::unique_ptr<Router> {
      return std::make_unique<Heuristic>(options::options_as<HeuristicRouterSpec>(options), around.order);
    },
};

}  // namespace triage::routing
