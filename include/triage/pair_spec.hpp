#pragma once
// The part of the configuration in which two tiers answer the same request, so that their answers can be compared.
// Names are those of the YAML; docs/ensemble.md explains how they work together.

#include <any>
#include <string>

namespace triage {

/// The picker, which says which answer is better. `kind` names it; `options` has the type that its file in src/verify
/// defines.
struct PickerSpec {
  std::string kind;  ///< empty: no picker
  std::any options;  ///< empty: all defaults
};

/// With `ensemble`, the client gets the better answer. With `shadow`, it gets the route's normal answer, and the other
/// tier is asked afterwards.
struct PairSpec {
  double share = 0;    ///< of the route's requests
  std::string cheap;   ///< a tier of the order; empty: the route's lowest
  std::string strong;  ///< a higher one; empty: the route's highest
  PickerSpec picker;
  double daily_budget_usd = 0;  ///< for all calls made for pairs, per day in UTC
};

}  // namespace triage
