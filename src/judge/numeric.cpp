// `numeric`: the number that the answer comes to is the reference's.
#include "features/final_answer.hpp"
#include "judge/graders.hpp"
#include "options/type_of.hpp"
#include "text/utf8.hpp"

#include <algorithm>
#include <cmath>

namespace triage {

void describe(options::Describer& v, NumericGraderSpec& s) {
  v.field({.name = "tolerance", .text = "how far off the number may be, relative to the reference", .most = 1},
          s.tolerance);
  judge::describe_common(v, s);
}

namespace judge {
namespace {

std::optional<double> number_in(std::string_view text) {
  constexpr std::size_t enough = 64'000;  // of the end, where the answer is
  const FoldedText folded(utf8_suffix(text, enough), enough);
  const std::vector<features::Token> tokens = features::tokens_of(folded);
  const features::FinalAnswer found = features::final_answer(tokens, false);
  if (found.kind != features::FinalAnswer::Kind::number) return std::nullopt;
  return found.number;
}

class Numeric final : public Grader {
 public:
  explicit Numeric(const NumericGraderSpec& spec) : spec_(spec) {}
  Grade grade(const Sample& sample, const std::atomic<bool>* /*given_up*/) const override {
    const auto wanted = sample.reference ? number_in(*sample.reference) : std::nullopt;
    if (!wanted) return {std::nullopt, sample.reference ? "the reference has no number" : "there is no reference", {}};
    const auto found = number_in(text_of(sample.answer));
    if (!found) return {0, "the answer has no number", {}};
    const bool same = std::abs(*found - *wanted) <= spec_.tolerance * std::abs(*wanted);
    return {same ? 1.0 : 0.0, same ? "the same number" : "another number", {}};
  }

 private:
  const NumericGraderSpec& spec_;
};

}  // namespace

extern const GraderKind numeric_grader{
    .is = options::kind_of<NumericGraderSpec>("numeric", "the number that the answer comes to is the reference's"),
    .needs_reference = true,
    .common = common_of<NumericGraderSpec>,
    .settings = [](const std::any& options) -> std::string {
      return std::to_string(options::options_as<NumericGraderSpec>(options).tolerance);
    },
    .make = [](const std::any& options) -> std::unique_ptr<Grader> {
      return std::make_unique<Numeric>(options::options_as<NumericGraderSpec>(options));
    },
};

}  // namespace judge
}  // namespace triage
