#include "routing/encoder.hpp"

#include "options/type_of.hpp"

#include <algorithm>

namespace triage {

void describe(options::Describer& v, EncoderSpec& s) {
  v.field({.name = "deployment", .text = "a deployment that answers /v1/embeddings", .required = true}, s.deployment);
  v.field({.name = "timeout", .text = "how long it is waited for; then the next router is asked", .least = 1},
          s.timeout);
  v.field({.name = "cache", .text = "prompts of which the nearest example is remembered; 0: none", .most = 10'000'000},
          s.cache);
}

namespace routing {
namespace {

/// A deployment that answers /v1/embeddings.
class Deployed final : public Encoder {
 public:
  explicit Deployed(const EncoderSpec& spec) : spec_(spec) {}
  [[nodiscard]] std::string_view name() const noexcept override { return spec_.deployment; }
  [[nodiscard]] Question question(std::string text) const override {
    return EmbeddingQuestion{spec_.deployment, std::move(text), spec_.timeout};
  }
  [[nodiscard]] std::vector<float> vector_in(const QuestionResult& result) const override {
    const auto* const embedding = std::get_if<Embedding>(&result);
    return embedding != nullptr ? embedding->values : std::vector<float>();
  }

 private:
  const EncoderSpec& spec_;
};

}  // namespace

void check_encoder(const options::Checking& in, const options::Path& at, const EncoderSpec& spec) {
  in.unknown_deployment(at / "deployment", spec.deployment);
}

std::unique_ptr<Encoder> make_encoder(const EncoderSpec& spec) {
  return std::make_unique<Deployed>(spec);
}

std::string vectors_of(const EncoderSpec& spec, const ConfigSpec& config) {
  const auto found = std::ranges::find(config.deployments, spec.deployment, &Deployment::name);
  return found == config.deployments.end() ? "" : found->model;
}

}  // namespace routing
}  // namespace triage
