// `exact`: the answer is the reference, apart from white space.
#include "base/text.hpp"
#include "judge/graders.hpp"
#include "options/type_of.hpp"

namespace triage {

void describe(options::Describer& v, ExactGraderSpec& s) {
  v.field({.name = "ignore_case", .text = "whether capital ASCII letters are as good as small ones"}, s.ignore_case);
  judge::describe_common(v, s);
}

namespace judge {
namespace {

// Trimmed, each run of white space as one blank.
std::string plain(std::string_view text, bool ignore_case) {
  std::string out;
  for (const char c : trimmed(text)) {
    const bool blank = c == ' ' || (c >= '\t' && c <= '\r');
    if (!blank)
      out += ignore_case && c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    else if (!out.ends_with(' '))
      out += ' ';
  }
  return out;
}

class Exact final : public Grader {
 public:
  explicit Exact(const ExactGraderSpec& spec) : spec_(spec) {}
  Grade grade(const Sample& sample, const std::atomic<bool>* /*given_up*/) const override {
    if (!sample.reference) return {std::nullopt, "there is no reference", {}};
    const bool same = plain(text_of(sample.answer), spec_.ignore_case) == plain(*sample.reference, spec_.ignore_case);
    return {same ? 1.0 : 0.0, same ? "the same" : "different", {}};
  }

 private:
  const ExactGraderSpec& spec_;
};

}  // namespace

extern const GraderKind exact_grader{
    .is = options::kind_of<ExactGraderSpec>("exact", "the answer is the reference, apart from white space"),
    .needs_reference = true,
    .common = common_of<ExactGraderSpec>,
    .settings = [](const std::any& options) -> std::string {
      return options::options_as<ExactGraderSpec>(options).ignore_case ? "ignore_case" : "";
    },
    .make = [](const std::any& options) -> std::unique_ptr<Grader> {
      return std::make_unique<Exact>(options::options_as<ExactGraderSpec>(options));
    },
};

}  // namespace judge
}  // namespace triage
