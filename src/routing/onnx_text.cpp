// onnx-text: {model: bert/model.onnx, tokenizer: bert/tokenizer.json, thresholds: {large: 0.5}}
//
//   last user turn -> token ids -> logits -> score -> tier
//   score = softmax(logits)[label]; of a single logit 1 / (1 + exp(-logit))
//
// It runs on a thread of its own. Without a score in time the router has no opinion.
#include "routing/onnx_text.hpp"

#include "onnx/text_model.hpp"
#include "options/type_of.hpp"
#include "routing/routers.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace triage {

void describe(options::Describer& v, OnnxTextSpec& s) {
  v.field({.name = "model", .text = "a transformer that classifies texts, in the ONNX format", .required = true},
          s.model);
  v.field({.name = "tokenizer", .text = "its tokenizer.json, or BERT's vocab.txt", .required = true}, s.tokenizer);
  v.field({.name = "lowercase", .text = "whether the model of a vocab.txt is uncased"}, s.lowercase);
  v.field({.name = "tokens_max",
           .text = "how many tokens of the last user turn are read, special ones counted",
           .least = 1,
           .most = 8192},
          s.tokens_max);
  v.field({.name = "label",
           .text = "which of the model's labels, from 0, says that a request is hard",
           .shown_default = "the last",
           .most = 100'000},
          s.label);
  describe_thresholds(v, s.thresholds);
  v.field({.name = "timeout", .text = "how long the model is waited for; then the next router is asked", .least = 1},
          s.timeout);
}

namespace routing {
namespace {

using onnx::TextModel;

onnx::TextModelSpec model_spec(const OnnxTextSpec& spec) {
  onnx::TextModelSpec out;
  out.model = spec.model;
  out.tokenizer = spec.tokenizer;
  out.lowercase = spec.lowercase;
  out.tokens_max = spec.tokens_max;
  return out;
}

double score_of(const std::vector<float>& logits, std::size_t label) {
  if (logits.size() == 1) return 1 / (1 + std::exp(-static_cast<double>(logits.front())));
  const double largest = *std::ranges::max_element(logits);
  double sum = 0;
  for (const float logit : logits) sum += std::exp(static_cast<double>(logit) - largest);
  return std::exp(static_cast<double>(logits[label]) - largest) / sum;
}

class OnnxText final : public Router {
 public:
  OnnxText(const OnnxTextSpec& spec, std::shared_ptr<const TextModel> model, const Surroundings& around)
      : spec_(spec),
        model_(std::move(model)),
        label_(spec.label.value_or(static_cast<std::uint32_t>(model_->width() - 1))),
        thresholds_(spec.thresholds, around) {}

  [[nodiscard]] std::string_view kind() const noexcept override { return "onnx-text"; }

  [[nodiscard]] std::optional<Question> question(const RoutingInput& input) const override {
    if (input.view().text().empty()) return std::nullopt;
    return ScoreQuestion{model_, read(input), spec_.timeout};
  }

  [[nodiscard]] Opinion pick(const RoutingInput& input) const override {
    if (input.view().text().empty()) return because("the request has no text to judge");
    const ModelInput text = read(input);
    const ModelInput* const only = &text;
    const auto logits = model_->run({&only, 1});
    return logits ? says(logits->front()) : because("the model failed: " + logits.error().message);
  }

  [[nodiscard]] Opinion answered(const RoutingInput& input, const QuestionResult& result) const override {
    if (input.view().text().empty()) return because("the request has no text to judge");
    const auto* const scores = std::get_if<Scores>(&result);
    return scores != nullptr ? says(scores->values) : because("no score in time");
  }

 private:
  // More bytes cannot matter: no vocabulary has tokens of that many on average.
  [[nodiscard]] ModelInput read(const RoutingInput& input) const {
    constexpr std::size_t token_bytes_max = 64;
    ModelInput out;
    out.text = input.view().text().substr(0, token_bytes_max * spec_.tokens_max);
    return out;
  }
  [[nodiscard]] static Opinion because(std::string reason) {
    Opinion out;
    out.reason = std::move(reason);
    return out;
  }
  [[nodiscard]] Opinion says(const std::vector<float>& logits) const {
    Opinion out = thresholds_.opinion(score_of(logits, label_));
    out.model = std::string_view(spec_.model.sha256).substr(0, 12);
    return out;
  }

  const OnnxTextSpec& spec_;
  std::shared_ptr<const TextModel> model_;
  std::size_t label_;
  Thresholds thresholds_;
};

void check(const options::Checking& in, const RouteSpec& route, const options::Path& at, const std::any& options) {
  const auto& spec = options::options_as<OnnxTextSpec>(options);
  check_thresholds(in, route, at, spec.thresholds);
  if (!in.intact(at / "model") || !in.intact(at / "tokenizer")) return;
  onnx::TextModelProblem problem;
  const auto model = TextModel::load(model_spec(spec), problem);
  spec.model.made = model;
  if (model == nullptr) {
    const options::Path here = at / (problem.tokenizer ? "tokenizer" : "model");
    const PartFile& file = problem.tokenizer ? spec.tokenizer : spec.model;
    in.error(here, to_string(here) + " " + options::in_quotes(file.written) + ": " + problem.message,
             "name a sequence classifier exported to ONNX, and the tokenizer that it was trained with");
  } else if (spec.label && *spec.label >= model->width()) {
    in.error(at / "label",
             to_string(at / "label") + " " + std::to_string(*spec.label) + ": the model has only " +
                 std::to_string(model->width()) + " outputs",
             "count from 0");
  }
}

}  // namespace

extern const RouterKind onnx_text_router{
    .is = options::kind_of<OnnxTextSpec>(
        "onnx-text", "a transformer in the gateway classifies the request; thresholds pick the tier"),
    .always_picks = false,
    .may_end = true,
    .check = check,
    .make = [](const std::any& options, const Surroundings& around) -> std::unique_ptr<Router> {
      const auto& spec = options::options_as<OnnxTextSpec>(options);
      onnx::TextModelProblem problem;
      auto model = TextModel::load(model_spec(spec), problem);
      if (model == nullptr) throw std::runtime_error("onnx-text " + spec.model.written + ": " + problem.message);
      return std::make_unique<OnnxText>(spec, std::move(model), around);
    },
};

}  // namespace routing
}  // namespace triage
