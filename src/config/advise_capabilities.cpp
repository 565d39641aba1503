// Finds fallbacks that cannot take what fails before them, or cannot continue it. Unknown `capabilities` count as all:
// no advice.
#include "config/advise.hpp"

#include <algorithm>

namespace triage::config {
namespace {

// What requests commonly need. The others are too rare to surprise anybody.
constexpr std::array<Capability, 4> common{Capability::tools, Capability::images, Capability::audio,
                                           Capability::json_schema};

bool offers(const Deployment& deployment, Capability capability) {
  const auto& own = deployment.capabilities;
  return own && std::ranges::find(*own, capability) != own->end();
}

bool may_offer(const Deployment& deployment, Capability capability) {
  return !deployment.capabilities || offers(deployment, capability);
}

}  // namespace

void Advisor::advise_capabilities(const RouteSpec& route) {
  std::map<std::size_t, std::vector<const Deployment*>> ladder;  // by index in the order; specialists after all
  for (const auto& [tier, members] : route.tiers)
    if (position(tier) < spec_.tiers.size())
      for (const TierMember& member : members) ladder[position(tier)].push_back(known_.at(member.deployment));
  for (const auto& [tier, members] : route.tiers) {
    std::vector<const Deployment*> asked;  // in the order of asking, each when the one before fails
    for (const TierMember& member : members) asked.push_back(known_.at(member.deployment));
    const bool specialist = position(tier) == spec_.tiers.size();
    auto next = ladder.upper_bound(position(tier));
    if (specialist && !ladder.empty()) next = std::prev(ladder.end());
    for (; next != ladder.end(); ++next) asked.insert(asked.end(), next->second.begin(), next->second.end());
    advise_lone(asked, members.size(), path_of(route) / "tiers" / tier);
  }
}

void Advisor::advise_rescue(const RouteSpec& route) {
  if (route.rescue == RescueMode::off) return;
  const Path path = path_of(route) / "rescue";
  std::set<const Deployment*> asked;
  for (const auto& [tier, members] : route.tiers)
    for (const TierMember& member : members) asked.insert(known_.at(member.deployment));
  if (asked.size() < 2 && route.retry.attempts < 2)
    return warning(path, to_string(path) + ": the route has one deployment, and asks it once: nothing can be rescued",
                   "add a deployment, or 'retry: {attempts: 2}'");
  const auto able = [](const Deployment* each) { return offers(*each, Capability::prefill); };
  if (route.rescue == RescueMode::prefill && std::ranges::none_of(asked, able))
    warning(path, to_string(path) + ": no deployment of the route says that it can go on with an answer",
            "add 'prefill' to the 'capabilities' of one that can, or use 'rescue: splice'");
}

void Advisor::advise_lone(const std::vector<const Deployment*>& asked, std::size_t of_tier, const Path& path) {
  std::map<const Deployment*, std::string> lone;
  std::set<const Deployment*> different(asked.begin(), asked.end());
  if (different.size() < 2) return;
  for (const Capability capability : common) {
    std::set<const Deployment*> able;
    for (const Deployment* each : asked)
      if (may_offer(*each, capability)) able.insert(each);
    if (able.size() != 1 || !offers(**able.begin(), capability)) continue;
    const auto first = static_cast<std::size_t>(std::ranges::find(asked, *able.begin()) - asked.begin());
    if (first >= of_tier) continue;  // of a higher tier, which gets this advice itself
    std::string& list = lone[*able.begin()];
    list.append(list.empty() ? "" : ", ").append(word(capability));
  }
  for (const auto& [deployment, capabilities] : lone)
    warning(path,
            to_string(path) + ": " + in_quotes(deployment->name) + " offers " + capabilities +
                ", and nothing that it falls back to does",
            "complete their 'capabilities', or add one that can: requests that need it have no second chance");
}

}  // namespace triage::config
