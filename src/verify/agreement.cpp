// `agreement`: the same request goes to another deployment, and what both come to is compared. Whether it is asked at
// all (`unsure`) is the tree's business: verification.cpp.
#include "json/json.hpp"
#include "verify/ending.hpp"
#include "verify/refusal.hpp"
#include "verify/same_answer.hpp"
#include "verify/verifiers.hpp"

namespace triage::verify {
namespace {

// The client's own body, to be answered whole.
std::string without_stream(std::string_view body) {
  std::string out = "{";
  JsonReader in(body);
  each_member(in, [&](const JsonString& name) {
    const bool kept = !name.is("stream") && !name.is("stream_options");
    const std::size_t begin = in.value_offset();
    in.skip_unchecked();
    if (!kept) return;
    if (out.size() > 1) out += ',';
    out.append("\"").append(name.raw).append("\":").append(body.substr(begin, in.offset() - begin));
  });
  return out += '}';
}

// Two refusals are no answer, nor are two that were cut off.
bool is_answer(const Completion& answer, const Features& asked) {
  return !find_truncation(answer, true) && !find_refusal(answer, AnswerText(answer), asked);
}

class Agreement final : public Verifier {
 public:
  explicit Agreement(const AgreementSpec& spec) : spec_(spec) {}
  std::string_view kind() const noexcept override { return "agreement"; }

  std::optional<Question> question(const Answered& answered) const override {
    if (!answered.whole) return std::nullopt;
    return Question{spec_.deployment, without_stream(answered.request.body), spec_.timeout};
  }

  Verdict verdict(const Answered& answered, const Completion* reply) const override {
    if (!answered.whole) return {true, std::nullopt, "only a whole answer can be compared"};
    if (reply == nullptr) return {false, std::nullopt, "no second answer came from " + spec_.deployment};
    if (!is_answer(answered.answer, answered.features) || !is_answer(*reply, answered.features))
      return {false, std::nullopt, "cannot tell: an answer is cut off, or refuses"};
    switch (same_answer(answered.answer, *reply, spec_.compare, answered.features.text())) {
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

}  // namespace

std::unique_ptr<Verifier> make_agreement(const VerifierSpec& spec) {
  return std::make_unique<Agreement>(spec.agreement);
}

}  // namespace triage::verify
