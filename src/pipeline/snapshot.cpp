#include "pipeline/snapshot.hpp"

namespace triage {

const LiveTier* LiveRoute::tier(std::string_view name) const noexcept {
  for (const LiveTier& candidate : tiers)
    if (candidate.name == name) return &candidate;
  return nullptr;
}

}  // namespace triage
