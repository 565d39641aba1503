#pragma once
// The one place that includes toml++.

#include "import/foreign.hpp"

namespace triage::imports {

/// TOML 1.0, without the paths.
Result<Foreign> parse_toml(std::string_view text, const std::string& name);

}  // namespace triage::imports
