#pragma once
// The part of the configuration in which two tiers answer the same request, so that their answers can be compared.
// Names as in the YAML; docs/ensemble.md says what they mean together.

#include <any>
#include <string>

namespace triage {

/// Who says which answer is better: `kind` names it; `options` are of the type that its file in src/verify has for
/// them.
struct PickerSpec {
  std::string kind;  ///< empty: nobody
  std::any options;  ///< empty: all at their defaults
};

/// `ensemble`: the client gets the better answer. `shadow`: it gets the route's normal one, the other tier is asked
/// afterwards.
struct PairSpec {
  double share = 0;    ///< of the route's requests
  std::string cheap;   ///< a tier of the order; empty: the route's lowest
  std::string strong;  ///< a higher one; empty: the route's highest
  PickerSpec picker;
  double daily_budget_usd = 0;  ///< for all that is asked for pairs, by the day in UTC
};

}  // namespace triage
