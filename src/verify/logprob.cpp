// `logprob`: how sure the model was of its tokens.
//   mean    x = sum of logprobs / tokens    the geometric mean of the tokens' probabilities is exp(x)
//   least   x = the smallest logprob
// The score is exp(x), or what the calibration makes of x.
#include "verify/calibration.hpp"
#include "verify/logprob_score.hpp"
#include "verify/verifiers.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace triage::verify {
namespace {

// Some providers say -9999 for "never".
constexpr double logprob_least = -100;

class Logprob final : public Verifier {
 public:
  explicit Logprob(const LogprobSpec& spec) : spec_(spec) {
    if (!spec.calibration.empty()) calibration_ = load_calibration(spec.calibration);
  }
  std::string_view kind() const noexcept override { return "logprob"; }

  void prepare(CallChanges& changes) const override { changes.logprobs = true; }

  Verdict verdict(const Answered& answered, const Completion*) const override {
    const std::optional<double> x = logprob_score(answered.answer.logprobs, spec_.use == "least");
    if (!x) {
      if (!answered.whole) return {true, std::nullopt, "no log-probabilities yet"};
      if (!answered.answer.tool_calls.empty() || answered.answer.media)
        return {true, std::nullopt, "tool calls, sound and pictures have no log-probabilities"};
      return {false, std::nullopt, "the answer came without log-probabilities"};
    }
    const double score = calibration_ ? calibration_->probability(*x) : std::exp(*x);
    char reason[96];
    std::snprintf(reason, sizeof reason, "%s %.3f of its tokens (%s logprob %.3f)",
                  calibration_ ? "calibrated probability" : "probability", score, spec_.use.c_str(), *x);
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

std::unique_ptr<Verifier> make_logprob(const VerifierSpec& spec) {
  return std::make_unique<Logprob>(spec.logprob);
}

}  // namespace triage::verify
