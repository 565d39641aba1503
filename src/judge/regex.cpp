// `regex`: an expression is found in the answer, or is not.
#include "text/regex.hpp"

#include "judge/graders.hpp"
#include "options/type_of.hpp"

namespace triage {

void describe(options::Describer& v, RegexGraderSpec& s) {
  v.field({.name = "pattern",
           .text = "RE2 expression that is looked for in the answer",
           .required = true,
           .check = check_regex},
          s.pattern);
  v.field({.name = "absent", .text = "whether the answer is good if the expression is not found"}, s.absent);
  judge::describe_common(v, s);
}

namespace judge {
namespace {

class RegexGrader final : public Grader {
 public:
  explicit RegexGrader(const RegexGraderSpec& spec) : spec_(spec), regex_(spec.pattern) {}
  Grade grade(const Sample& sample, const std::atomic<bool>* /*given_up*/) const override {
    const bool found = regex_.found_in(text_of(sample.answer));
    return {found != spec_.absent ? 1.0 : 0.0, found ? "found" : "not found", {}};
  }

 private:
  const RegexGraderSpec& spec_;
  const Regex regex_;
};

}  // namespace

extern const GraderKind regex_grader{
    .is = options::kind_of<RegexGraderSpec>("regex", "an expression is found in the answer, or is not"),
    .common = common_of<RegexGraderSpec>,
    .settings = [](const std::any& options) -> std::string {
      const auto& spec = options::options_as<RegexGraderSpec>(options);
      return (spec.absent ? "absent\n" : "present\n") + spec.pattern;
    },
    .make = [](const std::any& options) -> std::unique_ptr<Grader> {
      return std::make_unique<RegexGrader>(options::options_as<RegexGraderSpec>(options));
    },
};

}  // namespace judge
}  // namespace triage
