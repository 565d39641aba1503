#pragma once

#include "pipeline/answer/response.hpp"
#include "pipeline/strategy/pair.hpp"

#include <optional>

namespace triage {

/// Both tiers of the pair answer; the client gets the answer that the picker prefers.
Async<MaybeFailure> answer_by_ensemble(const Scope& scope, Response& response, RequestOutcome& outcome, Drawn drawn);

}  // namespace triage
