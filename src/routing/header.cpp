// header: {name: x-triage-tier}. Picks the tier that the client names, if its key may. Any other value of the header is
// not an error: the next router is asked.
#include "options/type_of.hpp"
#include "routing/routers.hpp"

#include <algorithm>

namespace triage::routing {
namespace {

constexpr std::size_t shown_max = 64;

struct HeaderRouterSpec {
  std::string name = "x-triage-tier";
};

void describe(options::Describer& v, HeaderRouterSpec& s) {
  v.field({.name = "name", .text = "the request header whose value is a tier", .check = check_field_name}, s.name);
}

class Header final : public Router {
 public:
  Header(const HeaderRouterSpec& spec, const RouteSpec& route) : name_(spec.name), route_(route) {}
  [[nodiscard]] std::string_view kind() const noexcept override { return "header"; }
  [[nodiscard]] std::string_view heeded_header() const noexcept override { return name_; }

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

extern const RouterKind header_router{
    .is = options::kind_of<HeaderRouterSpec>("header", "the tier that the client names in a header, if its key may"),
    .make = [](const std::any& options, const Surroundings& around) -> std::unique_ptr<Router> {
      return std::make_unique<Header>(options::options_as<HeaderRouterSpec>(options), around.route);
    },
};

}  // namespace triage::routing
