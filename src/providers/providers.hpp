#pragma once
// The built-in dialects. The list in providers.cpp is the only place to add one to.

#include "triage/dialect.hpp"

#include <string_view>
#include <vector>

namespace triage {

/// The dialect called `name`, or nullptr. It is stateless and lives as long as the program.
const Dialect* find_dialect(std::string_view name) noexcept;

/// The dialect that `provider` speaks for this deployment: of some, that depends on whose model it is. Null: it is not
/// known.
const Dialect* dialect_for(const Provider& provider, const Deployment& deployment) noexcept;

/// All names, in the order of the list.
std::vector<std::string_view> dialect_names();

}  // namespace triage
