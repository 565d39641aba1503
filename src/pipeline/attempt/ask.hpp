#pragma once
// What the gateway asks models on its own behalf, for routers, verifiers and pickers.

#include "pipeline/attempt/scope.hpp"
#include "pipeline/attempt/trail.hpp"
#include "triage/completion.hpp"
#include "triage/question.hpp"

#include <optional>

namespace triage {

/// One attempt, billed to the request. nullopt: nothing usable came in time, or the deployment is ejected.
Async<std::optional<Completion>> ask(const Scope& scope, Trail& trail, const Question& question, Purpose purpose);

}  // namespace triage
