// routes.<name>.ensemble and .shadow: two tiers of the route, the second above the first, and a picker.
#include "config/check.hpp"
#include "verify/pickers.hpp"

#include <algorithm>

namespace triage::config {
void Checker::check_pairs(const RouteSpec& route) {
  const Path path = path_of(route);
  if (route.ensemble && origins_.intact(path / "ensemble")) {
    check_pair(route, *route.ensemble, path / "ensemble");
    if (route.ensemble->picker.kind.empty() && origins_.intact(path / "ensemble" / "picker"))
      error(path / "ensemble",
            to_string(path / "ensemble") + " has no picker: nobody says which answer the client gets",
            "add 'picker: {llm: {deployment: NAME}}' or 'picker: {scorer: {verify: checks}}'");
  }
  if (!route.shadow || !origins_.intact(path / "shadow")) return;
  check_pair(route, *route.shadow, path / "shadow");
  if (!spec_.ledger && !origins_.find({"ledger"}))
    warning(path / "shadow", to_string(path / "shadow") + " is never asked: without a ledger nothing keeps its answers",
            "add 'ledger: {dir: NAME}'");
}

void Checker::check_pair(const RouteSpec& route, const PairSpec& pair, const Path& path) {
  own_ordered_tier(route, pair.cheap, path / "cheap");
  own_ordered_tier(route, pair.strong, path / "strong");
  const bool known = contains(spec_.tiers, pair.cheap) && contains(spec_.tiers, pair.strong);
  if (known && pair.cheap == pair.strong)
    error(
        path, to_string(path) + ": the cheap and the strong tier are one, " + in_quotes(pair.cheap),
        firsts_of(route.tiers).size() < 2 ? "add a second tier to the route" : "name two tiers: 'cheap' and 'strong'");
  else if (known && position(pair.cheap) > position(pair.strong))
    error(path / "cheap",
          to_string(path) + ": " + in_quotes(pair.cheap) + ", the cheap tier, is above " + in_quotes(pair.strong),
          "swap them");
  if (pair.share > 0 && pair.daily_budget_usd <= 0 && origins_.intact(path / "daily_budget_usd") &&
      origins_.find(path / "daily_budget_usd"))
    warning(path / "daily_budget_usd", to_string(path) + " has no money: no request is drawn", "raise it");
  verify::check_picker(*this, pair.picker, path / "picker");
}

}  // namespace triage::config
