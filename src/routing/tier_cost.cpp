#include "routing/tier_cost.hpp"

#include <algorithm>

namespace triage::routing {

TierCost::TierCost(std::span<const TierMember> members, std::span<const Deployment> deployments) {
  for (const TierMember& member : members) {
    const auto found = std::ranges::find(deployments, member.deployment, &Deployment::name);
    if (found != deployments.end()) add(found->price, member.weight);
  }
}

std::optional<double> TierCost::usd(const Usage& usage) const {
  constexpr double nano = 1e-9;
  double weights = 0;
  for (const auto& [price, weight] : prices_) weights += weight;
  double sum = 0;
  for (const auto& [price, weight] : prices_) {
    const double share = weights > 0 ? weight / weights : 1.0 / static_cast<double>(prices_.size());
    if (share == 0) continue;
    const auto cost = cost_nano_usd(*price, usage);
    if (!cost) return std::nullopt;
    sum += share * static_cast<double>(*cost) * nano;
  }
  return prices_.empty() ? std::nullopt : std::optional(sum);
}

}  // namespace triage::routing
