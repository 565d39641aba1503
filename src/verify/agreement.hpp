#pragma once
// Options of the verifier `agreement`.

#include "triage/boxed.hpp"
#include "triage/cascade_spec.hpp"
#include "verify/same_answer.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace triage {

/// The range of scores that decides nothing.
struct BandSpec {
  Boxed<VerifierSpec> of;
  double from = 0.4;  ///< below it, the answer is rejected
  double to = 0.9;    ///< at or above it, the answer is accepted
};

/// A verifier that asks another deployment the same question and compares the answers.
struct AgreementSpec {
  std::string deployment;
  CompareAs compare = CompareAs::automatic;
  std::chrono::milliseconds timeout{30'000};
  std::optional<BandSpec> unsure;  ///< asks only within this band; absent: always
};

}  // namespace triage
