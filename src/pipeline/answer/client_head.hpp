#pragma once

#include "pipeline/plan.hpp"
#include "triage/message.hpp"
#include "triage/upstream.hpp"

#include <string_view>
#include <vector>

namespace triage {

/// The head for the client: the provider's fields that may be forwarded, and the gateway's own. Its views point into
/// `reply` and `target`.
ResponseHead client_head(const Reply& reply, const Target& target);

/// Adds x-triage-dropped, if anything was.
void add_dropped(ResponseHead& head, std::string_view dropped);

/// Adds the gateway's own fields: x-triage-route, -tier, -deployment, -router, -attempts.
void add_triage_fields(std::vector<Field>& fields, const Target& target);

/// Appends x-triage-experiment and x-triage-arm, if the request counts for an experiment.
void add_experiment_fields(std::vector<Field>& fields, const Assignment& assigned);

}  // namespace triage
