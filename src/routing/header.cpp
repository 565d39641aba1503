// header: {name: x-triage-tier}. Picks the tier that the client names, if its key may. Whatever else the header says is
// no error: the next router is asked.
#include "routing/routers.hpp"

#include <algorithm>

namespace triage::routing {
namespace {

constexpr std::size_t shown_max = 64;

class Header final : public Router {
 public:
  Header(const HeaderRouterSpec& spec, const RouteSpec& route) : name_(spec.name), route_(route) {}
  [[nodiscard]] std::string_view kind() const noexcept override { return "header"; }

  [[nodiscard]] Opinion pick(const RoutingInput& input) const override {
    const auto value = find_field(input.head().fields, name_);
    if (!value) return because("the request has no " + std::string(name_));
    if (!may_set(input.key(), KeyPower::tier)) return because("key '" + input.key()->name + "' may not name a tier");
    const auto tier = std::ranges::find_if(route_.tiers, [&](const auto& entry) { return entry.first == *value; });
    if (tier == route_.tiers.end())
      return because("the route has no tier '" + std::string(value->substr(0, shown_max)) + "'");
    Opinion out = because(std::string(name_).append(" names ").append(tier->first));
    out.tier = tier->first;
    return out;
  }

 private:
  static Opinion because(std::string reason) {
    Opinion out;
    out.reason = std::move(reason);
    return out;
  }

  std::string_view name_;
  const RouteSpec& route_;
};

}  // namespace

std::unique_ptr<Router> make_header(const RouterSpec& spec, const Surroundings& around) {
  return std::make_unique<Header>(spec.header, around.route);
}

}  // namespace triage::routing
