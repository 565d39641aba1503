// weighted: {tier: T}. Always picks T, whose deployments then share its requests by the weights that the route's
// `tiers` give them. Weights between tiers do not exist: a percentage does not know which request is hard.
#include "routing/weighted.hpp"

#include "options/type_of.hpp"
#include "routing/routers.hpp"

namespace triage {

void describe(options::Describer& v, WeightedRouterSpec& s) {
  v.field({.name = "tier", .text = "the tier whose deployments share the requests by weight", .required = true},
          s.tier);
}

namespace routing {
namespace {

class Weighted final : public Router {
 public:
  explicit Weighted(const WeightedRouterSpec& spec) : tier_(spec.tier) {}
  [[nodiscard]] std::string_view kind() const noexcept override { return "weighted"; }
  [[nodiscard]] Opinion pick(const RoutingInput&) const override {
    Opinion out;
    out.tier = tier_;
    out.reason.append("by weight within ").append(tier_);
    return out;
  }

 private:
  std::string_view tier_;
};

void check(const options::Checking& in, const RouteSpec& route, const options::Path& at, const std::any& options) {
  const std::string& wanted = options::options_as<WeightedRouterSpec>(options).tier;
  in.own_tier(route, wanted, at / "tier");
  for (const auto& [tier, members] : route.tiers)
    if (tier == wanted && members.size() == 1 && in.intact(options::path_of(route) / "tiers"))
      in.warning(at / "tier",
                 to_string(at) + ": tier " + options::in_quotes(tier) + " has one deployment: nothing is spread",
                 "give the tier a second one, or write 'fixed: {tier: " + tier + "}'");
}

}  // namespace

extern const RouterKind weighted_router{
    .is = options::kind_of<WeightedRouterSpec>("weighted", "always picks one tier, for its weights"),
    .always_picks = true,
    .may_end = true,
    .check = check,
    .make = [](const std::any& options, const Surroundings&) -> std::unique_ptr<Router> {
      return std::make_unique<Weighted>(options::options_as<WeightedRouterSpec>(options));
    },
};

}  // namespace routing
}  // namespace triage
