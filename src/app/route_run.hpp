#pragma once
// Runs a route's own chain and cascade over labelled rows, without asking any deployment. Models in this process are
// run; where a router or a verifier would ask a deployment, it is told that no answer came.
//
// Two tiers are told apart: the route's lowest is weak, everything above it (and every specialist) is strong.

#include "offline/evaluation.hpp"
#include "offline/rows.hpp"
#include "pipeline/live/snapshot.hpp"
#include "triage/question.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace triage {

struct RunOptions {
  std::string data;                           ///< the rows' file, for messages
  std::int64_t output_tokens = 500;           ///< of an answer that the rows do not have, for its cost
  std::function<void(std::size_t)> progress;  ///< called after each row, with how many are done
};

struct RouteRun {
  std::string weak_tier;
  std::vector<std::string> strong_tiers;
  offline::Outcomes outcomes;
  offline::Decisions decisions;
  std::vector<offline::Scored> scored;  ///< of routers that gave scores, in the chain's order; then of the cascade
  std::vector<std::string> notes;       ///< for people: what was assumed and what could not be done
  std::vector<std::string> problems;    ///< "FILE:LINE: ..." for rows that are no requests; the rest is then incomplete
};

/// Answers a question as far as this process can. False: only a deployment could.
bool answer_here(const Question& question, QuestionResult& result);

/// The route of that name. Throws std::runtime_error that names the nearest or all others.
const LiveRoute& route_named(const Snapshot& snapshot, const std::string& name);

RouteRun run_route(const Snapshot& snapshot, const LiveRoute& route, const offline::Rows& rows,
                   const RunOptions& options);

}  // namespace triage
