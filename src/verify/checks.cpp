// `checks`: faults that show in the answer's text alone. The order is that of AnswerCheck, then `required` and
// `grounded`; the first fault rejects. On the beginning of an answer, only those checks run that more text would not
// change: refusal, hedging, repetition, language, and whether JSON has begun as JSON.
#include "verify/checks.hpp"

#include "options/type_of.hpp"
#include "text/regex.hpp"
#include "verify/answer_format.hpp"
#include "verify/ending.hpp"
#include "verify/grounding.hpp"
#include "verify/hedging.hpp"
#include "verify/language.hpp"
#include "verify/refusal.hpp"
#include "verify/repetition.hpp"
#include "verify/tool_use.hpp"
#include "verify/verifiers.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace triage {

void describe(options::Describer& v, ChecksSpec& s) {
  v.field({.name = "skip", .text = "what is not looked for"}, s.skip);
  v.field({.name = "required", .text = "RE2 expression that must match somewhere in the answer", .check = check_regex},
          s.required);
  v.field({.name = "grounded",
           .text = "least share of the answer's words, numbers and names that the request's own texts hold",
           .shown_default = "not looked for",
           .most = 1},
          s.grounded);
}

namespace verify {
namespace {

using Problem = std::optional<std::string>;

using Check = Problem (*)(const Answered& answered, const AnswerText& text);

// The text of a tool call is a remark of the model, in any language and of any length.
Problem hedging(const Answered& answered, const AnswerText& text) {
  return answered.answer.tool_calls.empty() ? find_hedging(text, answered.request) : std::nullopt;
}
Problem language(const Answered& answered, const AnswerText& text) {
  if (!answered.answer.tool_calls.empty() || json_is_wanted(answered.request, answered.answer)) return std::nullopt;
  return find_other_language(answered.request, text);
}

Problem empty(const Answered& of, const AnswerText&) {
  return find_empty(of.answer, of.whole);
}
Problem refusal(const Answered& of, const AnswerText& text) {
  return find_refusal(of.answer, text, of.request);
}
Problem truncated(const Answered& of, const AnswerText&) {
  return find_truncation(of.answer, of.whole);
}
Problem repetition(const Answered&, const AnswerText& text) {
  return find_repetition(text.text);
}
Problem json(const Answered& of, const AnswerText&) {
  return find_json_failure(of.request, of.answer, of.whole);
}
Problem tools(const Answered& of, const AnswerText& text) {
  if (!of.whole) return std::nullopt;
  if (Problem problem = find_tool_misuse(of.request, of.answer, text)) return problem;
  return find_tool_failure(of.request, of.answer);
}

// In the order of AnswerCheck.
constexpr std::array<Check, words<AnswerCheck>.size()> all{empty,      refusal,  hedging, truncated,
                                                           repetition, language, json,    tools};

class Checks final : public Verifier {
 public:
  explicit Checks(const ChecksSpec& spec) : grounded_(spec.grounded) {
    for (std::size_t i = 0; i < all.size(); ++i)
      if (std::ranges::find(spec.skip, static_cast<AnswerCheck>(i)) == spec.skip.end()) checks_.push_back(all[i]);
    if (spec.required) required_.emplace(*spec.required);
  }
  std::string_view kind() const noexcept override { return "checks"; }

  Verdict verdict(const Answered& answered, const QuestionResult&) const override {
    const AnswerText text(answered.answer);
    for (const Check find : checks_)
      if (Problem problem = find(answered, text)) return {false, std::nullopt, std::move(*problem)};
    std::string none = "no check objects";
    if (const std::string part = answered.whole ? unchecked_part(answered.request, answered.answer) : ""; !part.empty())
      none.append("; ").append(part);
    // The next checks are about a text; an answer of tool calls or audio has none to check.
    const bool no_text = !answered.answer.tool_calls.empty() || (answered.answer.media && answered.answer.text.empty());
    if (!answered.whole || no_text) return {true, std::nullopt, none};
    if (required_ && !required_->found_in(text.text))
      return {false, std::nullopt, "the required pattern is not in the answer"};
    if (!grounded_) return {true, std::nullopt, none};
    const std::optional<double> share = grounded_share(answered.request, text.text);
    if (!share) return {true, std::nullopt, none};
    char reason[64];
    std::snprintf(reason, sizeof reason, "%.0f %% of its words are in the context", 100 * *share);
    return {*share >= *grounded_, share, reason};
  }

 private:
  std::vector<Check> checks_;
  std::optional<Regex> required_;
  std::optional<double> grounded_;
};

}  // namespace

extern const VerifierKind checks_verifier{
    .is = options::kind_of<ChecksSpec>("checks", "looks at the answer itself, without a model"),
    .make = [](const std::any& options) -> std::unique_ptr<Verifier> {
      return std::make_unique<Checks>(options::options_as<ChecksSpec>(options));
    },
};

}  // namespace verify
}  // namespace triage
