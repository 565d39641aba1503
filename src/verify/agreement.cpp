// `agreement`: the same request goes to another deployment, and both final answers are compared. The tree decides
// whether to ask it at all (`unsure`): verification.cpp.
#include "verify/agreement.hpp"

#include "openai/request_edit.hpp"
#include "options/type_of.hpp"
#include "verify/ending.hpp"
#include "verify/refusal.hpp"
#include "verify/same_answer.hpp"
#include "verify/verifiers.hpp"

namespace triage {

void describe(options::Describer& v, BandSpec& s) {
  v.field({.name = "of", .text = "the verifier whose score it is", .required = true}, s.of);
  v.field({.name = "from", .text = "a lower score rejects", .most = 1}, s.from);
  v.field({.name = "to", .text = "this score, or a higher one, accepts", .most = 1}, s.to);
}

void describe(options::Describer& v, AgreementSpec& s) {
  v.field({.name = "deployment", .text = "the model that answers too", .required = true}, s.deployment);
  v.field({.name = "compare", .text = "what must be the same"}, s.compare);
  v.field({.name = "timeout", .text = "how long its answer is waited for", .least = 1}, s.timeout);
  v.field({.name = "unsure",
           .text = "it is asked only where another verifier's score does not tell",
           .shown_default = "always asked"},
          s.unsure);
}

namespace verify {
namespace {

// Two refusals are not an answer, and neither are two truncated answers.
bool is_answer(const Completion& answer, const ChatView& asked) {
  return !find_truncation(answer, true) && !find_refusal(answer, AnswerText(answer), asked);
}

class Agreement final : public Verifier {
 public:
  explicit Agreement(const AgreementSpec& spec) : spec_(spec) {}
  std::string_view kind() const noexcept override { return "agreement"; }

  std::optional<Question> question(const Answered& answered) const override {
    if (!answered.whole) return std::nullopt;
    return ChatQuestion{spec_.deployment, unstreamed_request(*answered.request.request()), spec_.timeout};
  }

  Verdict verdict(const Answered& answered, const QuestionResult& result) const override {
    const Completion* const reply = completion_in(result);
    if (!answered.whole) return {true, std::nullopt, "only a whole answer can be compared"};
    if (reply == nullptr) return {false, std::nullopt, "no second answer came from " + spec_.deployment};
    if (!is_answer(answered.answer, answered.request) || !is_answer(*reply, answered.request))
      return {false, std::nullopt, "cannot tell: an answer is cut off, or refuses"};
    switch (same_answer(answered.answer, *reply, spec_.compare, answered.request.text())) {
      case Sameness::same: return {true, 1.0, "agrees with " + spec_.deployment};
      case Sameness::different: return {false, 0.0, "does not agree with " + spec_.deployment};
      default: break;
    }
    return {false, std::nullopt,
            "cannot tell whether it agrees with " + spec_.deployment + ": no final answer of one kind"};
  }

 private:
  const AgreementSpec& spec_;
};

std::vector<const VerifierSpec*> parts(const std::any& options) {
  const auto& unsure = options::options_as<AgreementSpec>(options).unsure;
  if (!unsure || !unsure->of) return {};
  return {&*unsure->of};
}

void check(const options::Checking& in, const options::Path& at, const AgreementSpec& spec) {
  in.unknown_deployment(at / "deployment", spec.deployment);
  if (!spec.unsure || !in.intact_inside(at)) return;
  const options::Path unsure = at / "unsure";
  if (spec.unsure->from > spec.unsure->to) in.error(unsure, to_string(unsure) + ": 'from' is above 'to'", "swap them");
  if (!spec.unsure->of) return;
  check_verifier(in, *spec.unsure->of, unsure / "of");
  const VerifierKind* const kind = find_verifier(spec.unsure->of->kind);
  if (kind != nullptr && kind->asks)
    in.error(unsure / "of", to_string(unsure) + ": '" + spec.unsure->of->kind + "' asks a model itself",
             "use 'checks', 'self' or 'logprob'");
}

}  // namespace

extern const VerifierKind agreement_verifier{
    .is = options::kind_of<AgreementSpec>("agreement", "another model answers too, and both must say the same"),
    .needs_the_end = true,
    .asks = true,
    .parts = parts,
    .check = [](const options::Checking& in, const options::Path& at,
                const std::any& options) { check(in, at, options::options_as<AgreementSpec>(options)); },
    .make = [](const std::any& options) -> std::unique_ptr<Verifier> {
      return std::make_unique<Agreement>(options::options_as<AgreementSpec>(options));
    },
};

}  // namespace verify
}  // namespace triage
