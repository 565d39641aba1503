// `all`, `any`, `weighted`: verifiers that combine others. The walk through them is in verification.cpp.
#include "options/type_of.hpp"
#include "verify/verifiers.hpp"
#include "verify/weighted.hpp"

namespace triage {

void describe(options::Describer& v, WeightedPartSpec& s) {
  v.field({.name = "weight", .text = "of its score", .most = 1'000'000}, s.weight);
  v.field({.name = "verifier", .text = "a verifier", .required = true}, s.verifier);
}

void describe(options::Describer& v, WeightedVerifierSpec& s) {
  v.field({.name = "of", .text = "verifiers and their weights", .required = true}, s.of);
  v.field({.name = "at_least", .text = "weighted mean of the scores from which an answer is accepted", .most = 1},
          s.at_least);
}

namespace verify {
namespace {

using List = std::vector<VerifierSpec>;

std::vector<const VerifierSpec*> parts_of_list(const std::any& options) {
  std::vector<const VerifierSpec*> out;
  for (const VerifierSpec& part : options::options_as<List>(options)) out.push_back(&part);
  return out;
}

void check_list(const options::Checking& in, const options::Path& at, const std::any& options) {
  const auto& list = options::options_as<List>(options);
  if (list.empty() && in.intact(at)) in.error(at, to_string(at) + " is empty", "list verifiers");
  for (std::size_t i = 0; i < list.size(); ++i) check_verifier(in, list[i], at / i);
}

std::vector<const VerifierSpec*> parts_of_weighted(const std::any& options) {
  std::vector<const VerifierSpec*> out;
  for (const WeightedPartSpec& part : options::options_as<WeightedVerifierSpec>(options).of)
    out.push_back(&part.verifier);
  return out;
}

void check_weighted(const options::Checking& in, const options::Path& at, const std::any& options) {
  const auto& parts = options::options_as<WeightedVerifierSpec>(options).of;
  if (parts.empty() && in.intact(at / "of"))
    in.error(at, to_string(at) + " has no verifiers", "add 'of: [{verifier: checks}]'");
  for (std::size_t i = 0; i < parts.size(); ++i) check_verifier(in, parts[i].verifier, at / "of" / i / "verifier");
}

}  // namespace

extern const VerifierKind all_verifier{
    .is = options::kind_of<List>("all", "all of these accept"),
    .parts = parts_of_list,
    .check = check_list,
};
extern const VerifierKind any_verifier{
    .is = options::kind_of<List>("any", "one of these accepts"),
    .parts = parts_of_list,
    .check = check_list,
};
extern const VerifierKind weighted_verifier{
    .is = options::kind_of<WeightedVerifierSpec>("weighted", "the weighted mean of these is high enough"),
    .parts = parts_of_weighted,
    .check = check_weighted,
};

}  // namespace verify
}  // namespace triage
