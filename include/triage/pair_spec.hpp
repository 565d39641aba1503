#pragma once
// The part of the configuration in which two tiers answer the same request, so that their answers can be compared.
// Names as in the YAML; docs/ensemble.md says what they mean together.

#include "triage/cascade_spec.hpp"

#include <chrono>
#include <string>

namespace triage {

/// A deployment compares the two answers, in both orders.
struct LlmPickerSpec {
  std::string deployment;
  std::string prompt;  ///< empty: the built-in one
  std::chrono::milliseconds timeout{10'000};
};

/// Each answer is scored by itself.
struct ScorerSpec {
  Boxed<VerifierSpec> verify;
};

/// Who says which answer is better: `kind` names it, the member of that name holds its options.
struct PickerSpec {
  std::string kind;  ///< empty: nobody
  LlmPickerSpec llm;
  ScorerSpec scorer;
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
