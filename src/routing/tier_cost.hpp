#pragma once
// What a call to a tier costs.

#include "triage/price.hpp"
#include "triage/spec.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace triage::routing {

/// The mean over a tier's deployments, by their weights; those of weight 0 count only where all are.
class TierCost {
 public:
  TierCost() = default;
  /// `deployments` must have those that `members` name, and outlive this object.
  TierCost(std::span<const TierMember> members, std::span<const Deployment> deployments);

  /// `price` must outlive this object.
  void add(const Price& price, std::uint32_t weight) { prices_.emplace_back(&price, weight); }
  /// In USD. nullopt: a price is not known, or there is no deployment.
  [[nodiscard]] std::optional<double> usd(const Usage& usage) const;

 private:
  std::vector<std::pair<const Price*, std::uint32_t>> prices_;
};

}  // namespace triage::routing
