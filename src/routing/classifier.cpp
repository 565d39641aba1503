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
#include "routing/tier_cost.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace triage {

void describe(options::Describer& v, ClassifierSpec& s) {
  v.field({.name = "model", .text = "the ONNX model, as tools/train writes it"}, s.model);
  describe_thresholds(v, s.thresholds);
  v.field({.name = "rank",
           .text = "what is scored by a model with two heads: `gain` is how much more often the strong model is right "
                   "than the weak one, `weak_wrong` how often the weak one is wrong, `gain_per_cost` the gain for what "
                   "the highest tier costs more than the lowest for this request"},
          s.rank);
  v.field({.name = "output_tokens",
           .text = "how many tokens an answer is taken to have, for `gain_per_cost`",
           .most = 1'000'000},
          s.output_tokens);
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

/// What the highest tier with a threshold costs more than the route's lowest.
class ExtraCost {
 public:
  ExtraCost(const ClassifierSpec& spec, const Surroundings& around) : output_tokens_(spec.output_tokens) {
    bool first = true;
    for (const std::string& tier : around.order) {
      const auto is_it = [&tier](const auto& entry) { return entry.first == tier; };
      const auto members = std::ranges::find_if(around.route.tiers, is_it);
      if (members == around.route.tiers.end()) continue;
      if (std::exchange(first, false)) weak_ = TierCost(members->second, around.deployments);
      if (std::ranges::any_of(spec.thresholds.by_tier, is_it)) strong_ = TierCost(members->second, around.deployments);
    }
    usual_ = usd(rank_input_tokens);
  }

  /// That of a request over that of a usual one; nullopt: a price is not known, or the usual one costs no more.
  [[nodiscard]] std::optional<double> relative(std::int64_t input_tokens) const {
    if (!usual_ || !(*usual_ > 0)) return std::nullopt;
    const auto extra = usd(input_tokens);
    return extra ? std::optional(*extra / *usual_) : std::nullopt;
  }

 private:
  [[nodiscard]] std::optional<double> usd(std::int64_t input_tokens) const {
    Usage usage;
    usage.input = input_tokens;
    usage.output = output_tokens_;
    const auto weak = weak_.usd(usage);
    const auto strong = strong_.usd(usage);
    return weak && strong ? std::optional(*strong - *weak) : std::nullopt;
  }

  std::int64_t output_tokens_;
  TierCost weak_;
  TierCost strong_;
  std::optional<double> usual_;
};

// 0..1 for any gain, so that a threshold is one of gain over cost; 0.5: nothing is gained.
double gain_per_cost(double gain, double relative_cost) noexcept {
  if (!(relative_cost > 0)) return gain >= 0 ? 1 : 0;  // the strong model costs less
  const double x = gain / relative_cost;
  return (1 + x / (1 + std::abs(x))) / 2;
}

class Classifier final : public Router {
 public:
  Classifier(const ClassifierSpec& spec, std::shared_ptr<const FeatureModel> model, const Surroundings& around)
      : spec_(spec),
        model_(std::move(model)),
        heads_(*model_),
        thresholds_(spec.thresholds, around),
        extra_cost_(spec, around) {}

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
    return scores ? says(input, scores->front()) : because("the model failed: " + scores.error().message);
  }

  [[nodiscard]] Opinion answered(const RoutingInput& input, const QuestionResult& result) const override {
    const auto* const scores = std::get_if<Scores>(&result);
    return scores != nullptr ? says(input, scores->values) : because("no score in time");
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

  [[nodiscard]] double score_of(const RoutingInput& input, const std::vector<float>& scores) const {
    if (heads_.single) return std::clamp<double>(scores[*heads_.single], 0, 1);
    const double weak = scores[*heads_.weak];
    if (spec_.rank == ClassifierRank::weak_wrong) return std::clamp(1 - weak, 0.0, 1.0);
    const double gain = static_cast<double>(scores[*heads_.strong]) - weak;
    if (spec_.rank == ClassifierRank::gain_per_cost && gain == gain)
      if (const auto cost = extra_cost_.relative(input.view().tokens_all())) return gain_per_cost(gain, *cost);
    return std::clamp((1 + gain) / 2, 0.0, 1.0);
  }

  [[nodiscard]] Opinion says(const RoutingInput& input, const std::vector<float>& scores) const {
    Opinion out = thresholds_.opinion(score_of(input, scores));
    out.model = model_->version();
    return out;
  }

  const ClassifierSpec& spec_;
  std::shared_ptr<const FeatureModel> model_;
  Heads heads_;
  Thresholds thresholds_;
  ExtraCost extra_cost_;
};

void check_model(const options::Checking& in, const options::Path& at, const ClassifierSpec& spec) {
  const options::Path here = at / "model";
  if (!in.intact(here)) return;
  const auto model = FeatureModel::load(spec.model, use);
  const std::string subject = to_string(here) + " " + options::in_quotes(spec.model.written) + ": ";
  if (model) spec.model.made = *model;
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

void check_prices(const options::Checking& in, const RouteSpec& route, const options::Path& at,
                  const ClassifierSpec& spec) {
  if (spec.rank != ClassifierRank::gain_per_cost || !in.intact_inside(at)) return;
  const ExtraCost cost(spec, {route, in.spec().tiers, in.spec().deployments});
  const options::Path here = at / "rank";
  if (!cost.relative(rank_input_tokens))
    in.error(here,
             to_string(here) + " " + in.shown(here, "") +
                 ": it is not known that the highest tier with a threshold costs more than the lowest tier",
             "give the deployments of both a 'price', or write rank: gain");
}

void check(const options::Checking& in, const RouteSpec& route, const options::Path& at, const std::any& options) {
  const auto& spec = options::options_as<ClassifierSpec>(options);
  check_prices(in, route, at, spec);
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
