#pragma once
// What would become of a request, and why: the same resolve(), decide() and plan() that serve it, with what they looked
// at on the way. Nothing is sent. Breakers, weights and conversations are as at the start.

#include "pipeline/plan.hpp"
#include "pipeline/resolve.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

struct Explanation {
  struct RouteSeen {
    const RouteSpec* route = nullptr;
    Mismatch mismatch = Mismatch::none;  ///< none: it is the one
  };
  struct RouterSeen {
    Opinion opinion;
    std::vector<RuleSeen> rules;  ///< empty: it has none
  };
  /// A deployment of the route, or the one that was named.
  struct Choice {
    std::string_view tier;
    const LiveDeployment* deployment = nullptr;
    double share = 0;                  ///< of its tier's requests
    std::optional<std::size_t> place;  ///< in the order in which they are asked, from 0; absent: it is not
    std::string why_not;               ///< it is not asked
    bool able = true;                  ///< it can take the request, or nothing says that it cannot
    Breaker::State breaker = Breaker::State::closed;
    std::optional<std::int64_t> cost_nano_usd;  ///< of the assumed usage; absent: its price is not known
  };

  How how = How::by_match;
  std::vector<RouteSeen> routes;  ///< that were looked at
  const LiveRoute* route = nullptr;
  std::vector<RouterSeen> routers;  ///< that were asked
  Decision decision;
  Needs needs;
  std::vector<Choice> choices;   ///< by tier, cheapest first, then specialists
  std::string note;              ///< of the plan
  std::optional<Error> refusal;  ///< the client would get this; what was not reached is empty
};

/// `api`: nullopt for a call that passes through. `assumed`: what the costs are for. Views live as long as the snapshot
/// and the input.
Explanation explain(const Snapshot& snapshot, const RoutingInput& input, std::optional<Api> api, const Usage& assumed);

}  // namespace triage
