#include "routing/encoder.hpp"

#include "options/type_of.hpp"

#include <algorithm>

namespace triage::routing {
namespace {

/// A deployment that answers /v1/embeddings.
class Deployed final : public Encoder {
 public:
  explicit Deployed(const EncoderSpec& spec) : spec_(spec) {}
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

std::unique_ptr<Encoder> make_encoder(const EncoderSpec& spec) {
  return std::make_unique<Deployed>(spec);
}

std::string vectors_of(const EncoderSpec& spec, const ConfigSpec& config) {
  const auto found = std::ranges::find(config.deployments, spec.deployment, &Deployment::name);
  return found == config.deployments.end() ? "" : found->model;
}

}  // namespace triage::routing
