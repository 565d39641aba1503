#pragma once
// What quirks change of a request that is translated, besides what they leave out or refuse: for `triage explain`.

#include "triage/blocks.hpp"
#include "triage/spec.hpp"

#include <string>
#include <vector>

namespace triage {

/// A phrase for each change, such as "seed is sent as random_seed"; of quirks that change nothing of this request,
/// none.
std::vector<std::string> quirk_changes(const BlockRequest& request, const Deployment& deployment);

}  // namespace triage
