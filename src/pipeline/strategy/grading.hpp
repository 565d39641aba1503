#pragma once
// Grades of answers, after the client has them: by the policy's mechanical graders and, for a share of the answers, by
// its judge. A grade is an event of the ledger. Calls are made as for shadows: off the request path, bounded, counted.

#include "pipeline/outcome/request_outcome.hpp"
#include "pipeline/strategy/shadow.hpp"

#include <memory>

namespace triage {

/// Grades the answer, now or later, if it is drawn. To be called when it has been given, while its body is still there.
/// `shadow`: of the request; null: it has none.
void grade_answer(const Scope& scope, const RequestOutcome& outcome, std::shared_ptr<ShadowAnswer> shadow);

}  // namespace triage
