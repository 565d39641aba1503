// model: {file: builtin:verifier, accept_at: 0.7}
//
//   features of the last user turn and of the answer -> model -> P(the answer is right)
//
// With `second`, that deployment answers the request too, and its answer is among the features; without one in time,
// the score is that without.
//
// It reads text, so it has nothing to say of tool calls, sound and pictures. A model that is not quick runs on a thread
// of its own, after the second answer.
#include "verify/model.hpp"

#include "features/answer.hpp"
#include "onnx/feature_model.hpp"
#include "openai/request_edit.hpp"
#include "options/type_of.hpp"
#include "verify/verifiers.hpp"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace triage {

void describe(options::Describer& v, ModelVerifierSpec& s) {
  v.field({.name = "file", .text = "the ONNX model, as tools/train writes it"}, s.file);
  v.field({.name = "accept_at", .text = "probability of being right from which an answer is accepted", .most = 1},
          s.accept_at);
  v.field({.name = "timeout", .text = "how long a slow model is waited for", .least = 1}, s.timeout);
  v.field({.name = "second",
           .text = "a deployment that answers the same request, so that the model sees whether both agree",
           .shown_default = "none"},
          s.second);
  v.field({.name = "second_timeout", .text = "how long its answer is waited for; then there is none", .least = 1},
          s.second_timeout);
  v.field({.name = "on_error", .text = "what is done without a score"}, s.on_error);
}

namespace verify {
namespace {

using onnx::FeatureModel;

constexpr onnx::FeatureModelUse use{"answer", features::version, features::answer_count};
constexpr const char* fix = "name a model of answers that tools/train wrote, or builtin:verifier";

class Model final : public Verifier {
 public:
  Model(const ModelVerifierSpec& spec, std::shared_ptr<const FeatureModel> model)
      : spec_(spec), model_(std::move(model)), output_(*model_->output("score")) {}
  [[nodiscard]] std::string_view kind() const noexcept override { return "model"; }

  [[nodiscard]] std::optional<Question> question(const Answered& answered) const override {
    if (!has_opinion(answered)) return std::nullopt;
    if (!spec_.second.empty())
      return ChatQuestion{spec_.second, unstreamed_request(*answered.request.request()), spec_.second_timeout};
    if (model_->is_quick()) return std::nullopt;
    return ScoreQuestion{model_, read(answered, nullptr), spec_.timeout};
  }

  [[nodiscard]] std::optional<Question> follow_up(const Answered& answered,
                                                  const QuestionResult& result) const override {
    if (spec_.second.empty() || model_->is_quick()) return std::nullopt;
    return ScoreQuestion{model_, read(answered, completion_in(result)), spec_.timeout};
  }

  [[nodiscard]] Verdict verdict(const Answered& answered, const QuestionResult& result) const override {
    if (!answered.whole) return {true, std::nullopt, "only a whole answer is scored"};
    if (!has_opinion(answered)) return {true, std::nullopt, "tool calls, sound and pictures are not scored"};
    if (const auto* const scores = std::get_if<Scores>(&result)) return says(scores->values);
    if (!model_->is_quick()) return without("no score in time");
    const ModelInput numbers = read(answered, completion_in(result));
    const ModelInput* const only = &numbers;
    const auto scores = model_->run({&only, 1});
    return scores ? says(scores->front()) : without("the model failed: " + scores.error().message);
  }

 private:
  [[nodiscard]] static bool has_opinion(const Answered& answered) {
    return answered.whole && answered.answer.tool_calls.empty() && !answered.answer.media;
  }

  [[nodiscard]] static ModelInput read(const Answered& answered, const Completion* second) {
    features::AnswerText text{answered.answer.text, answered.answer.finish_reason};
    if (second != nullptr) text.second = second->text;
    features::Answer seen;
    features::read_answer_features(answered.request, text, seen);
    ModelInput out;
    out.features.assign(seen.dense.begin(), seen.dense.end());
    return out;
  }

  [[nodiscard]] Verdict without(const std::string& why) const {
    return {spec_.on_error == OnError::accept, std::nullopt, why + ": " + std::string(word(spec_.on_error))};
  }

  [[nodiscard]] Verdict says(const std::vector<float>& scores) const {
    const double score = std::clamp(static_cast<double>(scores[output_]), 0.0, 1.0);
    if (!(score >= 0)) return without("the model gave no number");
    const bool accept = score >= spec_.accept_at;
    char text[64];
    std::snprintf(text, sizeof text, accept ? "%.3f reaches %g" : "%.3f is below %g", score, spec_.accept_at);
    return {accept, score, model_->version() + ": " + text};
  }

  const ModelVerifierSpec& spec_;
  std::shared_ptr<const FeatureModel> model_;
  std::size_t output_;
};

void check(const options::Checking& in, const options::Path& at, const std::any& options) {
  const options::Path here = at / "file";
  const auto& spec = options::options_as<ModelVerifierSpec>(options);
  if (!spec.second.empty()) in.unknown_deployment(at / "second", spec.second);
  if (!in.intact(here)) return;
  const auto model = FeatureModel::load(spec.file, use);
  const std::string subject = to_string(here) + " " + options::in_quotes(spec.file.written) + ": ";
  if (model) spec.file.made = *model;
  if (!model)
    in.error(here, subject + model.error().message, fix);
  else if (!(*model)->output("score"))
    in.error(here, subject + "it has no output 'score'", fix);
}

}  // namespace

extern const VerifierKind model_verifier{
    .is = options::kind_of<ModelVerifierSpec>("model", "a model in the gateway scores how likely the answer is right"),
    .needs_the_end = true,
    .check = check,
    .make = [](const std::any& options) -> std::unique_ptr<Verifier> {
      const auto& spec = options::options_as<ModelVerifierSpec>(options);
      auto model = FeatureModel::load(spec.file, use);
      if (!model) throw std::runtime_error("verifier model " + spec.file.written + ": " + model.error().message);
      return std::make_unique<Model>(spec, std::move(*model));
    },
};

}  // namespace verify
}  // namespace triage
