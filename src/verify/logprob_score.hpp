#pragma once
// The number that is calibrated, the same for `triage calibrate` and the verifier `logprob`.

#include <optional>
#include <span>

namespace triage::verify {

/// The mean or minimum of the tokens' log-probabilities, each clamped to -100..0. nullopt: there are none.
std::optional<double> logprob_score(std::span<const double> logprobs, bool least);

}  // namespace triage::verify
