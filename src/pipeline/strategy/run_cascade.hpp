#pragma once

#include "pipeline/answer/response.hpp"

#include <optional>
#include <vector>

namespace triage {

/// Cheap first, verified, escalated, as Cascade says. The policy has a cascade. `forced`: the first escalation is made
/// without asking.
Async<std::optional<Failure>> answer_by_cascade(const Scope& scope, Response& response, Trail& trail,
                                                const std::vector<Target>& targets, bool forced);

}  // namespace triage
