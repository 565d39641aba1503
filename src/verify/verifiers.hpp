#pragma once
// Every verifier that ships, in one list. To add one: a file here that defines its factory, a line in verifiers.cpp, a
// test.

#include "triage/cascade_spec.hpp"
#include "triage/verifier.hpp"

#include <memory>

namespace triage::verify {

/// The verifier that `spec` describes. The spec was checked and must outlive it. Null for a kind that is not in the
/// list: what combines others is none, see make_verifier_tree(). Throws std::runtime_error if a file that the spec
/// names cannot be used.
std::unique_ptr<Verifier> make_verifier(const VerifierSpec& spec);

/// `spec` with all that it combines. It must outlive the tree. Null if there is a kind in it that is not known; throws
/// as make_verifier() does.
///
/// Verifiers are asked in the order in which they are written, and none whose verdict would change nothing:
///   all        accepts if all do. Stops at the first that rejects. Score: the least.
///   any        accepts if one does. Stops at it. Score: the greatest.
///   weighted   accepts if the weighted mean of the scores is at least `at_least`. Before a question it stops if no
///              reply could change the verdict. Score: the mean of those that were asked.
///   agreement with `unsure`: the other verifier's score is looked at first; outside the band it decides.
/// Where one without a score has to have one, it counts 1 or 0.
std::unique_ptr<VerifierTree> make_verifier_tree(const VerifierSpec& spec);

std::unique_ptr<Verifier> make_checks(const VerifierSpec& spec);
std::unique_ptr<Verifier> make_self(const VerifierSpec& spec);
std::unique_ptr<Verifier> make_logprob(const VerifierSpec& spec);
std::unique_ptr<Verifier> make_llm(const VerifierSpec& spec);
std::unique_ptr<Verifier> make_agreement(const VerifierSpec& spec);

}  // namespace triage::verify
