#include "pipeline/live/snapshot.hpp"

namespace triage {

void add_tokens(const std::array<Counter*, 5>& tokens, const Usage& usage) noexcept {
  const std::array<std::int64_t, 5> counts{usage.input, usage.input_cached, usage.cache_write, usage.output,
                                           usage.reasoning};
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i] > 0) tokens[i]->add(counts[i]);
}

void DeploymentMetrics::count(const Usage& usage) const noexcept {
  add_tokens(tokens, usage);
}

const LiveTier* Policy::tier(std::string_view name) const noexcept {
  for (const LiveTier& candidate : tiers)
    if (candidate.name == name) return &candidate;
  return nullptr;
}

}  // namespace triage
