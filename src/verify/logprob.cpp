// `logprob`: how sure the model was of its tokens.
//   mean    x = sum of logprobs / tokens    the geometric mean of the tokens' probabilities is exp(x)
//   min     x = the smallest logprob
// The score is exp(x), or what the calibration maps x to.
#include "verify/logprob.hpp"

#include "options/type_of.hpp"
#include "verify/calibration.hpp"
#include "verify/logprob_score.hpp"
#include "verify/verifiers.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace triage {

void describe(options::Describer& v, LogprobSpec& s) {
  v.field({.name = "use", .text = "what counts of the tokens' log-probabilities"}, s.use);
  v.field({.name = "calibration",
           .text = "file that makes a probability of being right out of it",
           .shown_default = "none: the token probability as it is, which is no confidence",
           .check = check_filled},
          s.calibration);
  v.field({.name = "at_least", .text = "probability from which an answer is accepted", .most = 1}, s.at_least);
}

namespace verify {
namespace {

// Some providers use -9999 for "never".
constexpr double logprob_least = -100;

class Logprob final : public Verifier {
 public:
  explicit Logprob(const LogprobSpec& spec) : spec_(spec) {
    if (!spec.calibration.written.empty()) calibration_ = load_calibration(spec.calibration.path);
  }
  std::string_view kind() const noexcept override { return "logprob"; }

  void prepare(CallChanges& changes) const override { changes.logprobs = true; }

  Verdict verdict(const Answered& answered, const QuestionResult&) const override {
    const std::optional<double> x = logprob_score(answered.answer.logprobs, spec_.use == LogprobUse::min);
    if (!x) {
      if (!answered.whole) return {true, std::nullopt, "no log-probabilities yet"};
      if (!answered.answer.tool_calls.empty() || answered.answer.media)
        return {true, std::nullopt, "tool calls, sound and pictures have no log-probabilities"};
      return {false, std::nullopt, "the answer came without log-probabilities"};
    }
    const double score = calibration_ ? calibration_->probability(*x) : std::exp(*x);
    const std::string_view use = word(spec_.use);
    char reason[96];
    std::snprintf(reason, sizeof reason, "%s %.3f of its tokens (%.*s logprob %.3f)",
                  calibration_ ? "calibrated probability" : "probability", score, static_cast<int>(use.size()),
                  use.data(), *x);
    return {score >= spec_.at_least, score, reason};
  }

 private:
  const LogprobSpec& spec_;
  std::optional<Calibration> calibration_;
};

}  // namespace

std::optional<double> logprob_score(std::span<const double> logprobs, bool least) {
  double sum = 0;
  double smallest = 0;
  std::size_t count = 0;
  for (const double each : logprobs) {
    if (std::isnan(each)) continue;
    const double value = std::clamp(each, logprob_least, 0.0);
    sum += value;
    smallest = std::min(smallest, value);
    ++count;
  }
  if (count == 0) return std::nullopt;
  return least ? smallest : sum / static_cast<double>(count);
}

namespace {

void check(const options::Checking& in, const options::Path& at, const std::any& options) {
  const PartFile& file = options::options_as<LogprobSpec>(options).calibration;
  const options::Path here = at / "calibration";
  if (file.written.empty() && in.intact_inside(at)) {
    in.warning(at,
               to_string(at) +
                   " has no calibration: log-probabilities as they are do not say how likely an answer is "
                   "right",
               "make one of answers whose worth is known: 'triage calibrate'");
  } else if (!file.written.empty() && in.intact(here)) {
    if (const auto problem = check_calibration(file.path))
      in.error(here, to_string(here) + " " + options::in_quotes(file.written) + ": " + *problem,
               "write it with 'triage calibrate'");
  }
}

}  // namespace

extern const VerifierKind logprob_verifier{
    .is = options::kind_of<LogprobSpec>("logprob", "how probable the model's own tokens were"),
    .changes_the_call = true,
    .check = check,
    .make = [](const std::any& options) -> std::unique_ptr<Verifier> {
      return std::make_unique<Logprob>(options::options_as<LogprobSpec>(options));
    },
};

}  // namespace verify
}  // namespace triage
