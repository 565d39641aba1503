#pragma once
// Options of `weighted`, which combines verifiers.

#include "triage/cascade_spec.hpp"

#include <vector>

namespace triage {

struct WeightedPartSpec {
  double weight = 1;
  VerifierSpec verifier;
};

struct WeightedVerifierSpec {
  std::vector<WeightedPartSpec> of;
  double at_least = 0.5;  ///< of the weighted mean of the scores; one without a score counts 1 or 0
};

}  // namespace triage
