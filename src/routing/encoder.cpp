#include "routing/encoder.hpp"

#include "features/word_vector.hpp"
#include "options/type_of.hpp"

#include <algorithm>
#include <stdexcept>

namespace triage {

void describe(options::Describer& v, EncoderSpec& s) {
  v.field({.name = "deployment", .text = "a deployment that answers /v1/embeddings", .shown_default = "none"},
          s.deployment);
  v.field({.name = "model",
           .text = "a transformer that encodes texts, in the ONNX format",
           .shown_default = "none: without a deployment either, the words themselves are compared"},
          s.model);
  v.field({.name = "tokenizer", .text = "its tokenizer.json, or BERT's vocab.txt", .shown_default = "none"},
          s.tokenizer);
  v.field({.name = "lowercase", .text = "whether the model of a vocab.txt is uncased"}, s.lowercase);
  v.field({.name = "tokens_max",
           .text = "how many tokens of a text it reads, special ones counted",
           .least = 1,
           .most = 8192},
          s.tokens_max);
  v.field({.name = "pooling", .text = "how its tokens' vectors become one: their `mean`, or the `first` of them"},
          s.pooling);
  v.field({.name = "timeout", .text = "how long it is waited for; then the next router is asked", .least = 1},
          s.timeout);
  v.field({.name = "cache", .text = "prompts of which the nearest example is remembered; 0: none", .most = 10'000'000},
          s.cache);
}

namespace routing {
namespace {

constexpr std::string_view words_name = "words";

using Vectors = Result<std::vector<std::vector<float>>>;

/// A deployment that answers /v1/embeddings.
class Deployed final : public Encoder {
 public:
  explicit Deployed(const EncoderSpec& spec) : spec_(spec) {}
  [[nodiscard]] std::string_view name() const noexcept override { return spec_.deployment; }
  [[nodiscard]] Vectors encode(std::span<const ModelInput* const> /*inputs*/) const override {
    return std::vector<std::vector<float>>();
  }
  [[nodiscard]] std::optional<Question> question(std::string text) const override {
    return EmbeddingQuestion{spec_.deployment, std::move(text), spec_.timeout};
  }
  [[nodiscard]] std::vector<float> vector_in(const QuestionResult& result) const override {
    const auto* const embedding = std::get_if<Embedding>(&result);
    return embedding != nullptr ? embedding->values : std::vector<float>();
  }

 private:
  const EncoderSpec& spec_;
};

/// The words themselves.
class WordsOnly final : public Encoder {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return words_name; }
  [[nodiscard]] Vectors encode(std::span<const ModelInput* const> inputs) const override {
    std::vector<std::vector<float>> out;
    for (const ModelInput* const input : inputs) out.push_back(features::word_vector(input->text));
    return out;
  }
  [[nodiscard]] std::optional<Question> question(std::string /*text*/) const override { return std::nullopt; }
  [[nodiscard]] std::vector<float> vector_in(const QuestionResult& /*result*/) const override { return {}; }
};

/// A model in the gateway.
class Local final : public Encoder {
 public:
  Local(const EncoderSpec& spec, std::shared_ptr<const onnx::TextModel> model)
      : spec_(spec), model_(std::move(model)) {}
  [[nodiscard]] std::string_view name() const noexcept override { return spec_.model.written; }
  [[nodiscard]] Vectors encode(std::span<const ModelInput* const> inputs) const override { return model_->run(inputs); }
  [[nodiscard]] std::optional<Question> question(std::string text) const override {
    ScoreQuestion out{model_, {}, spec_.timeout};
    out.input.text = std::move(text);
    return out;
  }
  [[nodiscard]] std::vector<float> vector_in(const QuestionResult& result) const override {
    const auto* const scores = std::get_if<Scores>(&result);
    return scores != nullptr ? scores->values : std::vector<float>();
  }

 private:
  const EncoderSpec& spec_;
  std::shared_ptr<const onnx::TextModel> model_;
};

onnx::TextModelSpec model_spec(const EncoderSpec& spec) {
  onnx::TextModelSpec out;
  out.model = spec.model;
  out.tokenizer = spec.tokenizer;
  out.lowercase = spec.lowercase;
  out.tokens_max = spec.tokens_max;
  out.encodes = true;
  out.pooling = spec.pooling;
  return out;
}

}  // namespace

std::vector<float> Encoder::encode(std::string_view text) const {
  ModelInput input;
  input.text = text;
  const ModelInput* const only = &input;
  auto vectors = encode({&only, 1});
  return vectors && !vectors->empty() ? std::move(vectors->front()) : std::vector<float>();
}

void check_encoder(const options::Checking& in, const options::Path& at, const EncoderSpec& spec,
                   std::size_t dimensions) {
  const bool local = !spec.model.written.empty();
  if (local && !spec.deployment.empty())
    return in.error(at, to_string(at) + " has a deployment and a model", "name one of them");
  if (!local && spec.deployment.empty()) return;
  if (!local) return in.unknown_deployment(at / "deployment", spec.deployment);
  if (spec.tokenizer.written.empty() && in.intact(at / "tokenizer"))
    return in.error(at, to_string(at) + " has a model without its tokenizer",
                    "add 'tokenizer: FILE', a tokenizer.json or vocab.txt");
  if (!in.intact_inside(at)) return;
  onnx::TextModelProblem problem;
  const auto model = onnx::TextModel::load(model_spec(spec), problem);
  spec.model.made = model;
  if (model != nullptr && (dimensions == 0 || model->width() == dimensions)) return;
  if (model != nullptr)
    problem.message = "it gives vectors of " + std::to_string(model->width()) + " numbers, the examples have " +
                      std::to_string(dimensions);
  const options::Path here = at / (problem.tokenizer ? "tokenizer" : "model");
  const PartFile& file = problem.tokenizer ? spec.tokenizer : spec.model;
  in.error(here, to_string(here) + " " + options::in_quotes(file.written) + ": " + problem.message,
           "name a sentence encoder exported to ONNX, and the tokenizer that it was trained with");
}

std::unique_ptr<Encoder> make_encoder(const EncoderSpec& spec) {
  if (spec.is_words()) return std::make_unique<WordsOnly>();
  if (spec.model.written.empty()) return std::make_unique<Deployed>(spec);
  onnx::TextModelProblem problem;
  auto model = onnx::TextModel::load(model_spec(spec), problem);
  if (model == nullptr) throw std::runtime_error("encoder " + spec.model.written + ": " + problem.message);
  return std::make_unique<Local>(spec, std::move(model));
}

std::string vectors_of(const EncoderSpec& spec, const ConfigSpec& config) {
  if (spec.is_words()) return std::string(words_name) + " 1";
  if (!spec.model.written.empty())
    return "onnx " + spec.model.sha256.substr(0, 16) + ' ' + spec.tokenizer.sha256.substr(0, 16) + ' ' +
           std::string(word(spec.pooling)) + (spec.lowercase ? " lowercase " : " ") + std::to_string(spec.tokens_max);
  const auto found = std::ranges::find(config.deployments, spec.deployment, &Deployment::name);
  return found == config.deployments.end() ? "" : found->model;
}

}  // namespace routing
}  // namespace triage
