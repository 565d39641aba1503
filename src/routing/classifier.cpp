// classifier: {model: builtin:difficulty, thresholds: {medium: 0.55, large: 0.7}}
//
//   features of the last user turn -> model -> score, 0..1
//   tier = the highest whose threshold - band <= score; below them all, the lowest tier
//
// A model that is not quick runs on a thread of its own, within `timeout`; without a score in time
// the router has no opinion.
#include "routing/classifier.hpp"

#include "features/difficulty.hpp"
#include "onnx/feature_model.hpp"
#include "options/type_of.hpp"
#include "routing/routers.hpp"

#include <algorithm>
#include <stdexcept>

namespace triage {

void describe(options::Describer& v, ClassifierSpec& s) {
  v.field({.name = "model", .text = "the ONNX model, as tools/train writes it"}, s.model);
  describe_thresholds(v, s.thresholds);
  v.field({.name = "rank",
           .text = "what is scored by a model with two heads: `gain` is how much more often the strong model is right "
                   "than the weak one, `weak_wrong` how often the weak one is wrong"},
          s.rank);
  v.field({.name = "timeout", .text = "how long a slow model is waited for; then the next router is asked", .least = 1},
          s.timeout);
}

namespace routing {
namespace {

using onnx::FeatureModel;

constexpr onnx::FeatureModelUse use{"difficulty", features::version, features::difficulty_count};

/// Where a model's scores are: `single`, or else both heads.
struct Heads {
  std::optional<std::size_t> single;
  std::optional<std::size_t> weak;
  std::optional<std::size_t> strong;

  explicit Heads(const FeatureModel& model)
      : single(model.output("score")), weak(model.output("weak")), strong(model.output("strong")) {}
  [[nodiscard]] bool complete() const noexcept { return single || (weak && strong); }
};

class Classifier final : public Router {
 public:
  Classifier(const ClassifierSpec& spec, std::shared_ptr<const FeatureModel> model, const Surroundings& around)
      : spec_(spec), model_(std::move(model)), heads_(*model_), thresholds_(spec.thresholds, around) {}

  [[nodiscard]] std::string_view kind() const noexcept override { return "classifier"; }

  [[nodiscard]] std::optional<Question> question(const RoutingInput& input) const override {
    if (model_->is_quick() || input.view().text().empty()) return std::nullopt;
    return ScoreQuestion{model_, read(input), spec_.timeout};
  }

  [[nodiscard]] Opinion pick(const RoutingInput& input) const override {
    if (input.view().text().empty()) return because("the request has no text to judge");
    const ModelInput numbers = read(input);
    const ModelInput* const only = &numbers;
    const auto scores = model_->run({&only, 1});
    return scores ? says(scores->front()) : because("the model failed: " + scores.error().message);
  }

  [[nodiscard]] Opinion answered(const RoutingInput&, const QuestionResult& result) const override {
    const auto* const scores = std::get_if<Scores>(&result);
    return scores != nullptr ? says(scores->values) : because("no score in time");
  }

 private:
  [[nodiscard]] ModelInput read(const RoutingInput& input) const {
    features::Difficulty seen;
    features::read_difficulty(input.view(), seen);
    ModelInput out;
    out.features.assign(seen.dense.begin(), seen.dense.end());
    if (!model_->reads_ngrams()) return out;
    out.ngrams.assign(seen.ngrams.ids.begin(),
                      seen.ngrams.ids.begin() + static_cast<std::ptrdiff_t>(seen.ngrams.count));
    out.ngram_values.assign(seen.ngrams.count, seen.ngrams.value);
    return out;
  }

  [[nodiscard]] Opinion because(std::string reason) const {
    Opinion out;
    out.model = model_->version();
    out.reason = std::move(reason);
    return out;
  }

  [[nodiscard]] double score_of(const std::vector<float>& scores) const {
    double out = 0;
    if (heads_.single)
      out = scores[*heads_.single];
    else if (spec_.rank == ClassifierRank::weak_wrong)
      out = 1 - static_cast<double>(scores[*heads_.weak]);
    else
      out = (1 + static_cast<double>(scores[*heads_.strong]) - static_cast<double>(scores[*heads_.weak])) / 2;
    return std::clamp(out, 0.0, 1.0);
  }

  [[nodiscard]] Opinion says(const std::vector<float>& scores) const {
    Opinion out = thresholds_.opinion(score_of(scores));
    out.model = model_->version();
    return out;
  }

  const ClassifierSpec& spec_;
  std::shared_ptr<const FeatureModel> model_;
  Heads heads_;
  Thresholds thresholds_;
};

void check_model(const options::Checking& in, const options::Path& at, const ClassifierSpec& spec) {
  const options::Path here = at / "model";
  if (!in.intact(here)) return;
  const auto model = FeatureModel::load(spec.model, use);
  const std::string subject = to_string(here) + " " + options::in_quotes(spec.model.written) + ": ";
  if (!model)
    return in.error(here, subject + model.error().message,
                    "name a model of difficulty that tools/train wrote, or builtin:difficulty");
  const Heads heads(**model);
  if (!heads.complete())
    in.error(here, subject + "it has neither an output 'score' nor the outputs 'weak' and 'strong'",
             "name a model of difficulty that tools/train wrote, or builtin:difficulty");
  else if (heads.single && in.written(at / "rank"))
    in.warning(at / "rank", to_string(at / "rank") + " changes nothing: the model has one score", "remove it");
}

void check(const options::Checking& in, const RouteSpec& route, const options::Path& at, const std::any& options) {
  const auto& spec = options::options_as<ClassifierSpec>(options);
  check_thresholds(in, route, at, spec.thresholds);
  check_model(in, at, spec);
}

}  // namespace

extern const RouterKind classifier_router{
    .is = options::kind_of<ClassifierSpec>(
        "classifier", "a model in the gateway scores how difficult the request is; thresholds pick the tier"),
    .always_picks = false,
    .may_end = true,
    .check = check,
    .make = [](const std::any& options, const Surroundings& around) -> std::unique_ptr<Router> {
      const auto& spec = options::options_as<ClassifierSpec>(options);
      auto model = FeatureModel::load(spec.model, use);
      if (!model) throw std::runtime_error("classifier " + spec.model.written + ": " + model.error().message);
      return std::make_unique<Classifier>(spec, std::move(*model), around);
    },
};

}  // namespace routing
}  // namespace triage
