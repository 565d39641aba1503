#pragma once
// How verifiers are combined, and the walk through them for one answer.

#include "triage/cascade_spec.hpp"
#include "triage/verifier.hpp"

#include <functional>
#include <memory>

namespace triage::verify {

/// A verdict's score, 0..1; one without counts 1 or 0.
double score_of(const Verdict& verdict) noexcept;

/// Makes the verifier of a spec that combines no others; null if its kind is not known.
using VerifierMaker = std::function<std::unique_ptr<Verifier>(const VerifierSpec& spec)>;

/// As make_verifier_tree() of verify/verifiers.hpp says.
std::unique_ptr<VerifierTree> make_tree(const VerifierSpec& spec, const VerifierMaker& make);

}  // namespace triage::verify
