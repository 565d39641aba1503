#include "verify/verifiers.hpp"

#include "verify/verification.hpp"

#include <algorithm>

namespace triage::verify {

extern const VerifierKind checks_verifier, model_verifier, self_verifier, logprob_verifier, llm_verifier,
    agreement_verifier, all_verifier, any_verifier, weighted_verifier;

namespace {

// In the order of the documentation.
constexpr const VerifierKind* verifiers[] = {
    &checks_verifier,    &model_verifier, &self_verifier, &logprob_verifier,  &llm_verifier,
    &agreement_verifier, &all_verifier,   &any_verifier,  &weighted_verifier,
};

// Whether it, or one that it combines, has the property.
bool has(const VerifierSpec& spec, bool VerifierKind::*property) {
  const VerifierKind* const kind = find_verifier(spec.kind);
  if (kind == nullptr || kind->*property) return kind != nullptr;
  if (kind->parts == nullptr) return false;
  return std::ranges::any_of(kind->parts(spec.options),
                             [property](const VerifierSpec* part) { return has(*part, property); });
}

}  // namespace

const VerifierKind* find_verifier(std::string_view kind) noexcept {
  for (const VerifierKind* verifier : verifiers)
    if (verifier->is.name == kind) return verifier;
  return nullptr;
}

bool needs_the_end(const VerifierSpec& spec) {
  return has(spec, &VerifierKind::needs_the_end);
}

bool changes_the_call(const VerifierSpec& spec) {
  return has(spec, &VerifierKind::changes_the_call);
}

void check_verifier(const options::Checking& in, const VerifierSpec& spec, const options::Path& path) {
  const VerifierKind* const kind = find_verifier(spec.kind);
  if (kind != nullptr && kind->check != nullptr && in.intact(path)) kind->check(in, path / spec.kind, spec.options);
}

std::unique_ptr<Verifier> make_verifier(const VerifierSpec& spec) {
  const VerifierKind* const kind = find_verifier(spec.kind);
  return kind != nullptr && kind->make != nullptr ? kind->make(spec.options) : nullptr;
}

std::unique_ptr<VerifierTree> make_verifier_tree(const VerifierSpec& spec) {
  return make_tree(spec, make_verifier);
}

}  // namespace triage::verify

namespace triage {

std::vector<const options::Kind*> options::Choice<VerifierSpec>::kinds() {
  std::vector<const Kind*> out;
  for (const verify::VerifierKind* verifier : verify::verifiers) out.push_back(&verifier->is);
  return out;
}

}  // namespace triage
