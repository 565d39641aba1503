#pragma once
// Requests of the Responses API that need what a provider keeps: an earlier response, a conversation, a file. They go
// where it is kept, and nowhere else.

#include "pipeline/attempt/scope.hpp"
#include "pipeline/capability.hpp"
#include "pipeline/outcome/request_outcome.hpp"
#include "pipeline/plan.hpp"

#include <optional>
#include <vector>

namespace triage {

/// Whom such a request may be sent to: the deployment that is remembered for what it names, or else the first of
/// `planned`; then those of `planned` at the same provider. nullopt: it needs nothing that is kept.
std::optional<std::vector<Target>> pinned_targets(const Scope& scope, const Needs& needs,
                                                  const std::vector<Target>& planned);

/// Remembers who has the response, and the conversation that it belongs to, where several providers might.
void remember_kept(const Scope& scope, const RequestOutcome& outcome);

}  // namespace triage
