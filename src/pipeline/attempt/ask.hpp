#pragma once
// What the gateway asks models on its own behalf, for routers, verifiers and pickers.

#include "pipeline/attempt/scope.hpp"
#include "pipeline/attempt/trail.hpp"
#include "triage/question.hpp"

namespace triage {

/// Of a deployment: one attempt, billed to the request. Of a model in this process: on a worker, behind at most
/// limits.scores others. Nothing: nothing usable came in time, the deployment is ejected, or too many wait.
Async<QuestionResult> ask(const Scope& scope, Trail& trail, const Question& question, Purpose purpose);

}  // namespace triage
