// Fallbacks that cannot take what fails before them. `capabilities` that are not written are not known: no advice.
#include "config/advise.hpp"

#include <algorithm>

namespace triage::config {
namespace {

using Names = std::vector<std::string_view>;

bool offers(const Deployment& deployment, std::string_view capability) {
  return deployment.capabilities &&
         std::ranges::find(*deployment.capabilities, capability) != deployment.capabilities->end();
}

std::string listed(const Names& names) {
  std::string out;
  for (const std::string_view name : names) out.append(out.empty() ? "" : ", ").append(name);
  return out;
}

}  // namespace

void Advisor::advise_capabilities(const RouteSpec& route) {
  const Path path = Path{"routes", route.name} / "tiers";
  std::map<std::size_t, const std::string*> order;  // the route's own, without specialists
  for (const auto& each : route.tiers)
    if (position(each.first) < spec_.tiers.size()) order.emplace(position(each.first), &each.first);
  std::map<std::string, std::vector<const Deployment*>> members_of;
  for (const auto& [tier, members] : route.tiers)
    for (const TierMember& member : members) members_of[tier].push_back(known_.at(member.deployment));
  for (const auto& [tier, members] : members_of) {
    advise_members(members, path / tier);
    const bool specialist = position(tier) == spec_.tiers.size();
    const auto next = specialist && !order.empty() ? std::prev(order.end()) : order.upper_bound(position(tier));
    if (next != order.end()) advise_fallback(tier, members, members_of[*next->second], path / *next->second);
  }
}

void Advisor::advise_members(const std::vector<const Deployment*>& members, const Path& path) {
  Names offered;
  for (const std::string_view name : capability_names)
    if (std::ranges::any_of(members, [&](const Deployment* each) { return offers(*each, name); }))
      offered.push_back(name);
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (!members[i]->capabilities) continue;
    Names lacking;
    for (const std::string_view name : offered)
      if (!offers(*members[i], name)) lacking.push_back(name);
    if (lacking.empty()) continue;
    warning(path / i,
            to_string(path) + ": " + in_quotes(members[i]->name) + " does not offer " + listed(lacking) +
                ", as others of the tier do: requests that need it pass over it, whatever its weight",
            "complete its 'capabilities', or keep deployments that can do the same in a tier");
  }
}

void Advisor::advise_fallback(const std::string& tier, const std::vector<const Deployment*>& members,
                              const std::vector<const Deployment*>& next, const Path& path) {
  Names lacking;
  for (const std::string_view name : capability_names) {
    const bool offered = std::ranges::any_of(members, [&](const Deployment* each) { return offers(*each, name); });
    const bool lost =
        std::ranges::all_of(next, [&](const Deployment* each) { return each->capabilities && !offers(*each, name); });
    if (offered && lost) lacking.push_back(name);
  }
  if (lacking.empty()) return;
  warning(path,
          to_string(path) + " does not offer " + listed(lacking) + ", as tier " + in_quotes(tier) +
              " does, which falls back to it: requests that need it cannot",
          "complete the 'capabilities' of its deployments, or add one that can");
}

}  // namespace triage::config
