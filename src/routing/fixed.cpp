// fixed: {tier: T}. Always picks T: the end of a chain, or the whole of it.
#include "routing/fixed.hpp"

#include "options/type_of.hpp"
#include "routing/routers.hpp"

namespace triage {

void describe(options::Describer& v, FixedRouterSpec& s) {
  v.field({.name = "tier", .text = "the tier that it picks", .required = true}, s.tier);
}

namespace routing {
namespace {

class Fixed final : public Router {
 public:
  explicit Fixed(const FixedRouterSpec& spec) : tier_(spec.tier) {}
  [[nodiscard]] std::string_view kind() const noexcept override { return "fixed"; }
  [[nodiscard]] Opinion pick(const RoutingInput&) const override {
    Opinion out;
    out.tier = tier_;
    out.reason.append("fixed to ").append(tier_);
    return out;
  }

 private:
  std::string_view tier_;
};

}  // namespace

extern const RouterKind fixed_router{
    .is = options::kind_of<FixedRouterSpec>("fixed", "always picks one tier"),
    .always_picks = true,
    .may_end = true,
    .check =
        [](const options::Checking& in, const RouteSpec& route, const options::Path& at, const std::any& options) {
          in.own_tier(route, options::options_as<FixedRouterSpec>(options).tier, at / "tier");
        },
    .make = [](const std::any& options, const Surroundings&) -> std::unique_ptr<Router> {
      return std::make_unique<Fixed>(options::options_as<FixedRouterSpec>(options));
    },
};

}  // namespace routing
}  // namespace triage
