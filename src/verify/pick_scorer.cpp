// `scorer`: a verifier scores each answer by itself; one without a score counts 1 if it accepts, else 0. The cheap
// answer is picked only if it scored higher.
#include "options/type_of.hpp"
#include "verify/pickers.hpp"
#include "verify/verification.hpp"
#include "verify/verifiers.hpp"

#include <cstdio>

namespace triage {

void describe(options::Describer& v, ScorerSpec& s) {
  v.field({.name = "verify", .text = "a verifier: its score, or 1 or 0", .required = true}, s.verify);
}

namespace verify {
namespace {

class ScorerPicking final : public Picking {
 public:
  ScorerPicking(const VerifierTree& tree, const AnswerPair& pair)
      : cheap_{pair.request, pair.cheap},
        strong_{pair.request, pair.strong},
        of_cheap_(tree.start(cheap_)),
        of_strong_(tree.start(strong_)) {}

  std::variant<Question, Pick> next(const QuestionResult& result) override {
    const bool judged = cheap_verdict_.has_value();
    if (!judged) {
      auto step = of_cheap_->next(result);
      if (auto* const question = std::get_if<Question>(&step)) return std::move(*question);
      cheap_verdict_ = std::get<Verdict>(std::move(step));
    }
    auto step = of_strong_->next(judged ? result : QuestionResult());
    if (auto* const question = std::get_if<Question>(&step)) return std::move(*question);
    return pick(*cheap_verdict_, std::get<Verdict>(step));
  }

 private:
  static Pick pick(const Verdict& cheap, const Verdict& strong) {
    const double cheap_score = score_of(cheap);
    const double strong_score = score_of(strong);
    char scores[48];
    std::snprintf(scores, sizeof scores, "%.2f : %.2f", cheap_score, strong_score);
    const std::string reasons = "cheap: " + cheap.reason + "; strong: " + strong.reason;
    return {cheap_score <= strong_score, cheap_score, strong_score, std::string(scores) + " (" + reasons + ")"};
  }

  const Answered cheap_;
  const Answered strong_;
  const std::unique_ptr<Verification> of_cheap_;
  const std::unique_ptr<Verification> of_strong_;
  std::optional<Verdict> cheap_verdict_;
};

class Scorer final : public Picker {
 public:
  explicit Scorer(std::unique_ptr<VerifierTree> tree) : tree_(std::move(tree)) {}
  std::unique_ptr<Picking> start(const AnswerPair& pair) const override {
    return std::make_unique<ScorerPicking>(*tree_, pair);
  }

 private:
  const std::unique_ptr<VerifierTree> tree_;
};

std::unique_ptr<Picker> make(const std::any& options) {
  const auto& verify = options::options_as<ScorerSpec>(options).verify;
  auto tree = verify ? make_verifier_tree(*verify) : nullptr;
  if (!tree) return nullptr;
  return std::make_unique<Scorer>(std::move(tree));
}

void check(const options::Checking& in, const options::Path& at, const std::any& options) {
  const auto& verify = options::options_as<ScorerSpec>(options).verify;
  if (!verify) return;
  check_verifier(in, *verify, at / "verify");
  if (changes_the_call(*verify))
    in.error(at / "verify", to_string(at) + ": 'self' and 'logprob' change what the models are asked",
             "use 'checks', 'llm' or 'agreement'");
}

}  // namespace

extern const PickerKind scorer_picker{
    .is = options::kind_of<ScorerSpec>("scorer", "a verifier scores each answer by itself"),
    .check = check,
    .make = make,
};

}  // namespace verify
}  // namespace triage
