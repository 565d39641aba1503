#pragma once
// The number that is calibrated: `triage calibrate` and the verifier `logprob` mean the same by it.

#include <optional>
#include <span>

namespace triage::verify {

/// Mean or least of tokens' log-probabilities, each taken within -100..0. nullopt: there are none.
std::optional<double> logprob_score(std::span<const double> logprobs, bool least);

}  // namespace triage::verify
