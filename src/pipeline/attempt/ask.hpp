#pragma once
// Asks models on the gateway's own behalf, for routers, verifiers and pickers.

#include "pipeline/attempt/scope.hpp"
#include "pipeline/attempt/trail.hpp"
#include "triage/question.hpp"

namespace triage {

/// Asks a deployment by one attempt, billed to the request, or a model in this process on a worker, if fewer than
/// limits.scores are waiting. monostate: nothing usable came in time, the deployment is ejected, or too many are
/// waiting.
Async<QuestionResult> ask(const Scope& scope, Trail& trail, const Question& question, Purpose purpose);

}  // namespace triage
