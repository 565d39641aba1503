#pragma once
// What the gateway asks models on its own behalf, for routers and verifiers.

#include "pipeline/context.hpp"
#include "triage/completion.hpp"
#include "triage/question.hpp"

#include <chrono>
#include <optional>

namespace triage {

/// One attempt, billed to the request. nullopt: nothing usable came in time, or the deployment is ejected.
Async<std::optional<Completion>> ask(Context& context, const Question& question, Purpose purpose,
                                     std::chrono::milliseconds left);

}  // namespace triage
