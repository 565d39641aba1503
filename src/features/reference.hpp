#pragma once
// The tables of features as docs/features.md has them.

#include <string>

namespace triage::features {

/// Markdown; the same bytes for the same tables.
std::string feature_reference();

}  // namespace triage::features
