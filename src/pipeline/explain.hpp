#pragma once
// What would happen to a request, and why: the same resolve(), decide() and plan() that serve requests, with what they
// considered. Of itself it sends nothing. Breakers, weights and conversations are as at the start.

#include "pipeline/assign.hpp"
#include "pipeline/plan.hpp"
#include "pipeline/resolve.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

struct Explanation {
  struct RouteSeen {
    const RouteSpec* route = nullptr;
    Mismatch mismatch = Mismatch::none;  ///< none: this route is the one
  };
  struct RouterSeen {
    Opinion opinion;
    std::vector<RuleSeen> rules;  ///< empty: the router has no rules
    bool decides = false;         ///< it names the tier
    bool behind = false;          ///< behind the one that decides: a request would not come to it
    std::string_view calls{};     ///< the deployment whose answer it lacks, because none is asked here; empty: none
  };
  /// A deployment of the route, or the one that the client named.
  struct Choice {
    std::string_view tier;
    const LiveDeployment* deployment = nullptr;
    double share = 0;                  ///< of its tier's requests
    std::optional<std::size_t> place;  ///< position in the order of asking, from 0; absent: not asked
    std::string why_not;               ///< why it is not asked
    bool able = true;                  ///< it can take the request, or nothing is known against it
    Breaker::State breaker = Breaker::State::closed;
    std::string drops;                          ///< of the request: what it would not be told
    std::vector<std::string> changes;           ///< by its quirks: what it would be told in other words
    std::optional<std::int64_t> cost_nano_usd;  ///< of the assumed usage; absent: price unknown
  };

  How how = How::by_match;
  std::vector<RouteSeen> routes;  ///< the routes that were considered
  const LiveRoute* route = nullptr;
  const Policy* policy = nullptr;   ///< of the route; null: there is no route
  Assignment assigned;              ///< of the route's experiment, by the share that is in force here
  std::vector<RouterSeen> routers;  ///< all of the chain, in order
  Decision decision;
  Needs needs;
  std::vector<Choice> choices;   ///< by tier, cheapest first, then specialists
  std::string note;              ///< the plan's note
  std::optional<Error> refusal;  ///< what the client would get; what was not reached is empty
};

/// Answers a router's question, which costs a call if a deployment is asked.
using AnswerQuestion = std::function<QuestionResult(const Question&)>;

/// `api`: nullopt for a call that passes through. `assumed`: the usage that costs are computed for. Without `answer`,
/// routers say what they can without a question. Views live as long as the snapshot and the input.
Explanation explain(const Snapshot& snapshot, const RoutingInput& input, std::optional<Api> api, const Usage& assumed,
                    const AnswerQuestion& answer = {});

}  // namespace triage
