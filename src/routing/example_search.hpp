#pragma once
// The search for the nearest example as a model in the gateway, for a thread of its own: from a text, which the
// router's encoder reads first, or from a vector.

#include "routing/encoder.hpp"
#include "routing/similarity.hpp"
#include "triage/question.hpp"

#include <memory>
#include <optional>

namespace triage::routing {

class ExampleSearch final : public LocalModel {
 public:
  ExampleSearch(std::shared_ptr<const ExampleSet> set, std::shared_ptr<const Encoder> encoder)
      : set_(std::move(set)), encoder_(std::move(encoder)) {}

  /// Takes `features`, a unit vector, or without these `text`. No scores: the text has no direction.
  [[nodiscard]] Result<std::vector<std::vector<float>>> run(std::span<const ModelInput* const> inputs) const override;
  [[nodiscard]] std::size_t batch_max() const noexcept override { return 16; }

  /// What run() found; nullopt: nothing.
  static std::optional<similarity::Nearest> nearest_in(const Scores& scores);

 private:
  std::shared_ptr<const ExampleSet> set_;
  std::shared_ptr<const Encoder> encoder_;
};

}  // namespace triage::routing
