#pragma once
// Options of the verifier `agreement`.

#include "triage/boxed.hpp"
#include "triage/cascade_spec.hpp"
#include "verify/same_answer.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace triage {

/// The part of a score's range in which it does not tell.
struct BandSpec {
  Boxed<VerifierSpec> of;
  double from = 0.4;  ///< below it the answer is rejected
  double to = 0.9;    ///< from it on it is accepted
};

/// Another deployment answers too.
struct AgreementSpec {
  std::string deployment;
  CompareAs compare = CompareAs::automatic;
  std::chrono::milliseconds timeout{30'000};
  std::optional<BandSpec> unsure;  ///< asked only in it; absent: always
};

}  // namespace triage
