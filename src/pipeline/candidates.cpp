#include "pipeline/candidates.hpp"

#include <algorithm>
#include <numeric>

namespace triage {
namespace {

void add_members(std::vector<Target>& out, const Target& first, const LiveTier& tier) {
  std::vector<std::size_t> order(tier.members.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater(), [&](std::size_t i) { return tier.weights[i]; });
  for (const std::size_t i : order) {
    const LiveDeployment* member = tier.members[i];
    if (std::ranges::find(out, member, &Target::deployment) != out.end()) continue;
    Target target = first;
    target.deployment = member;
    target.tier = tier.name;
    out.push_back(std::move(target));
  }
}

}  // namespace

std::vector<Target> candidates(const Snapshot& snapshot, const Target& first) {
  std::vector<Target> out{first};
  if (first.route == nullptr) return out;
  const LiveRoute& route = *first.route;
  if (const LiveTier* tier = route.tier(first.tier)) add_members(out, first, *tier);
  const auto& order = snapshot.spec.tiers;
  auto next = std::ranges::find(order, first.tier);
  if (next == order.end()) {  // a specialist
    next = std::ranges::find_if(order.rbegin(), order.rend(), [&](const std::string& name) {
             return route.tier(name) != nullptr;
           }).base();
    if (next != order.begin()) --next;
  }
  for (; next != order.end(); ++next)
    if (const LiveTier* tier = route.tier(*next)) add_members(out, first, *tier);
  return out;
}

}  // namespace triage
