#pragma once

#include "pipeline/plan.hpp"

#include <algorithm>
#include <list>
#include <optional>
#include <string>
#include <string_view>

namespace triage {

/// Deployments and tiers as they would be in a snapshot. Not moved once made.
struct World {
  Snapshot snapshot;
  RouteSpec spec;
  Policy route;
  std::list<Deployment> deployments;
  std::list<LiveDeployment> live;

  World() {
    snapshot.spec.tiers = {"small", "medium", "large"};
    spec.name = "chat";
    route.spec = &spec;
    route.route = spec.name;
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  Deployment& add(const std::string& tier, const std::string& name, std::uint32_t weight = 1) {
    Deployment& made = deployments.emplace_back();
    made.name = name;
    LiveDeployment& alive = live.emplace_back();
    alive.spec = &made;
    auto found = std::ranges::find(route.tiers, tier, &LiveTier::name);
    if (found == route.tiers.end()) {
      const auto& order = snapshot.spec.tiers;
      const auto known = std::ranges::find(order, tier);
      found = route.tiers.insert(route.tiers.end(), LiveTier());
      found->name = known == order.end() ? std::string_view("code") : std::string_view(*known);
    }
    found->members.push_back(&alive);
    found->weights.push_back(weight);
    found->weight_sum += weight;
    return made;
  }

  Result<Plan> planned(std::string_view tier, const Needs& needs = {}, std::string_view floor = "",
                       std::string_view ceiling = "", const std::optional<Sessions::Remembered>& held = std::nullopt,
                       std::uint64_t ticket = 0) const {
    Decision decision;
    decision.tier = tier;
    decision.floor = floor;
    decision.ceiling = ceiling;
    return plan(snapshot, route, decision, needs, held, ticket);
  }
};

}  // namespace triage
