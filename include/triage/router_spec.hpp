#pragma once
// One router of a chain, as the configuration has it: docs/routing.md.

#include <any>
#include <string>

namespace triage {

/// `kind` names it; `options` are of the type that its file in src/routing has for them.
struct RouterSpec {
  std::string kind;
  std::any options;  ///< empty: all at their defaults
};

}  // namespace triage
