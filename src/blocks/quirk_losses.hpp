#pragma once
// What a deployment refuses of a request that is translated for it: what its dialect has no word for, and what its
// model does not take.

#include "triage/blocks.hpp"
#include "triage/spec.hpp"

namespace triage {

/// What `request` says that not every dialect or model takes.
RequestFields fields_of(const BlockRequest& request) noexcept;

/// Those of `fields` that the deployment's model does not take, whatever its dialect.
RequestFields refused_by_model(RequestFields fields, const Deployment& deployment) noexcept;

/// Those that the deployment refuses.
RequestFields refused_fields(RequestFields fields, const Deployment& deployment) noexcept;

}  // namespace triage
