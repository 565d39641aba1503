#pragma once
// How verifiers are combined, and the walk through them for one answer.

#include "triage/cascade_spec.hpp"
#include "triage/verifier.hpp"

#include <functional>
#include <memory>

namespace triage::verify {

/// A verdict's score, 0..1; without one, 1 for accepted and 0 for rejected.
double score_of(const Verdict& verdict) noexcept;

/// Makes the verifier of a spec that does not combine others; null if its kind is unknown.
using VerifierMaker = std::function<std::unique_ptr<Verifier>(const VerifierSpec& spec)>;

/// See make_verifier_tree() in verify/verifiers.hpp.
std::unique_ptr<VerifierTree> make_tree(const VerifierSpec& spec, const VerifierMaker& make);

}  // namespace triage::verify
