#pragma once
// Two tiers' answers to one request, for comparison (docs/ensemble.md): which requests are drawn, what is set aside for
// them, and what is recorded. ensemble.cpp and shadow.cpp make the calls.

#include "pipeline/attempt/scope.hpp"
#include "pipeline/attempt/trail.hpp"
#include "pipeline/live/daily_budget.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace triage {

/// Whether the request `id` belongs to the drawn `share`. The same arguments always give the same result. Pure.
bool drawn(std::string_view id, std::string_view route, PairKind kind, double share) noexcept;

/// Which deployments are asked for the answers of a pair: the tier's own; for the strong one, all others as a fallback.
struct PairTargets {
  std::vector<Target> cheap;
  std::vector<Target> strong;
};

/// nullopt: one of the two tiers may not, or cannot, take the request. Pure.
std::optional<PairTargets> pair_targets(const Snapshot& snapshot, const Policy& policy, const LivePair& pair,
                                        Decision decision, const Needs& needs, std::uint64_t ticket);

/// The estimated cost of one answer from each of `asked`, compared by the pair's picker. nullopt: a price is unknown.
std::optional<std::int64_t> pair_cost(const LivePair& pair, const std::vector<const LiveDeployment*>& asked,
                                      const ChatView& view);

/// A request that is to be answered twice.
struct Drawn {
  PairTargets targets;
  SetAside budget;
};

/// nullopt: the route has no ensemble, the request is not drawn, one of the tiers cannot answer it, the client has
/// chosen the tier or the cascade's course, or there is no room for the answers or no money.
std::optional<Drawn> draw_ensemble(const Scope& scope, const Decision& decision, const Needs& needs);

/// Takes the cost from the day's budget. nullopt: not enough is left, which is counted, or a price is unknown.
std::optional<SetAside> set_aside(const LivePair& pair, const std::vector<const LiveDeployment*>& asked,
                                  const ChatView& view);

/// One answer of a pair. Null members: there is none.
struct PairAnswer {
  Target asked;
  const Completion* said = nullptr;
  std::optional<std::int64_t> cost_nano_usd;
};

/// Compares the two answers, if both are there and there is a picker. Its questions are attempts for the purpose of the
/// pair's kind.
Async<PairRecord> compare(const Scope& scope, Trail& trail, const LivePair& pair, const PairAnswer& cheap,
                          const PairAnswer& strong);

/// Counts a pair, and its cost.
void count_pair(const LivePair& pair, const PairRecord& record, std::optional<std::int64_t> cost_nano_usd);

}  // namespace triage
