#pragma once

#include "pipeline/answer/response.hpp"

#include <optional>
#include <vector>

namespace triage {

/// Asks the cheap tier first, verifies, escalates, as Cascade says. The policy must have a cascade. With `forced`, the
/// first escalation happens without a verdict.
Async<MaybeFailure> answer_by_cascade(const Scope& scope, Response& response, Trail& trail,
                                      const std::vector<Target>& targets, bool forced);

}  // namespace triage
