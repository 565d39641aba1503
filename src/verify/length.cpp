// `length: {min: 20}`: an answer has so many bytes.
#include "options/type_of.hpp"
#include "verify/verifiers.hpp"

namespace triage {

struct LengthSpec {
  std::int64_t min = 1;
};

void describe(options::Describer& v, LengthSpec& s) {
  v.field({.name = "min", .text = "bytes that an answer has at least", .least = 1}, s.min);
}

namespace verify {
namespace {

class Length final : public Verifier {
 public:
  explicit Length(const LengthSpec& spec) : min_(static_cast<std::size_t>(spec.min)) {}
  std::string_view kind() const noexcept override { return "length"; }
  Verdict verdict(const Answered& answered, const QuestionResult&) const override {
    const bool enough = answered.answer.text.size() >= min_;
    return {enough || !answered.whole, std::nullopt, enough ? "long enough" : "too short"};
  }

 private:
  const std::size_t min_;
};

}  // namespace

extern const VerifierKind length_verifier{
    .is = options::kind_of<LengthSpec>("length", "an answer of some length"),
    .make = [](const std::any& options) -> std::unique_ptr<Verifier> {
      return std::make_unique<Length>(options::options_as<LengthSpec>(options));
    },
};

}  // namespace verify
}  // namespace triage
