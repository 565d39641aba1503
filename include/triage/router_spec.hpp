#pragma once
// One router of a chain, as configured (docs/routing.md).

#include <any>
#include <string>

namespace triage {

/// `kind` names the router; `options` has the type that its file in src/routing defines.
struct RouterSpec {
  std::string kind;
  std::any options;  ///< empty: all defaults
};

}  // namespace triage
