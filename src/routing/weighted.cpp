// weighted: {tier: T}. Always picks T, whose deployments then share its requests by the weights that the route's
// `tiers` give them. Weights between tiers do not exist: a percentage does not know which request is hard.
#include "routing/routers.hpp"

namespace triage::routing {
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

}  // namespace

std::unique_ptr<Router> make_weighted(const RouterSpec& spec, const Surroundings&) {
  return std::make_unique<Weighted>(spec.weighted);
}

}  // namespace triage::routing
