// routes.<name>.routers: each router is checked by its own file, and the last one must always pick.
#include "config/check.hpp"
#include "routing/routers.hpp"

#include <algorithm>

namespace triage::config {

void Checker::check_chain(const RouteSpec& route) {
  const Path path = path_of(route) / "routers";
  const auto own = firsts_of(route.tiers);
  const bool tiers_known = !own.empty() && origins_.intact(path_of(route) / "tiers");
  const bool ordered =
      std::any_of(own.begin(), own.end(), [&](const std::string& tier) { return !contains(spec_.specialists, tier); });
  if (route.routers.empty()) {
    if (tiers_known && !ordered && origins_.intact(path))
      error(path, to_string(path_of(route)) + " has specialists only, of which none is the highest tier",
            "add 'routers: [fixed: {tier: " + own.front() + "}]'");
    return;
  }
  for (std::size_t i = 0; i < route.routers.size(); ++i) {
    const RouterSpec& router = route.routers[i];
    const Path at = path / i;
    if (!origins_.intact(at)) continue;
    const routing::RouterKind* const kind = routing::find_router(router.kind);
    if (kind == nullptr) continue;
    if (kind->check != nullptr) kind->check(*this, route, at / router.kind, router.options);
    const bool last = i + 1 == route.routers.size();
    if (kind->always_picks && !last)
      warning(at, to_string(at) + " always picks: the routers behind it are never asked", "move it to the end");
    if (!kind->may_end && last)
      error(at, to_string(at) + " may pass, and no router follows it",
            "end the chain with 'fixed: {tier: " + (own.empty() ? std::string("...") : own.front()) + "}'");
  }
}

}  // namespace triage::config
