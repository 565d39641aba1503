#include "verify/verifiers.hpp"

#include "verify/verification.hpp"

namespace triage::verify {
namespace {

struct Kind {
  std::string_view name;
  std::unique_ptr<Verifier> (*make)(const VerifierSpec& spec);
};

constexpr Kind kinds[] = {
    {"checks", make_checks}, {"self", make_self},           {"logprob", make_logprob},
    {"llm", make_llm},       {"agreement", make_agreement},
};

}  // namespace

std::unique_ptr<Verifier> make_verifier(const VerifierSpec& spec) {
  for (const Kind& kind : kinds)
    if (kind.name == spec.kind) return kind.make(spec);
  return nullptr;
}

std::unique_ptr<VerifierTree> make_verifier_tree(const VerifierSpec& spec) {
  return make_tree(spec, make_verifier);
}

}  // namespace triage::verify
