#pragma once
// A model that reads features (src/features), as tools/train writes it:
//
//   input   features      float32[N, F]
//           ngram_ids     int64[N, K]     optional, with ngram_values: hashed n-grams, padded with id 0 of value 0
//           ngram_values  float32[N, K]
//   output  float32[N] or float32[N, 1] each; their names say what they are
//   metadata  triage.kind, triage.features (the version of the features), triage.version

#include "onnx/session.hpp"
#include "triage/part_file.hpp"
#include "triage/question.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage::onnx {

/// What a model must have been made for.
struct FeatureModelUse {
  std::string_view kind;  ///< triage.kind: difficulty, answer
  int version = 0;        ///< of the features
  std::size_t count = 0;  ///< F
};

class FeatureModel final : public LocalModel {
 public:
  /// The same object for the same content and use, as long as one lives. Error: why the model cannot be used, naming
  /// the input or property and what was expected; does not name the file.
  static Result<std::shared_ptr<const FeatureModel>> load(const PartFile& file, const FeatureModelUse& use);

  [[nodiscard]] Result<std::vector<std::vector<float>>> run(std::span<const ModelInput* const> inputs) const override;
  [[nodiscard]] std::size_t batch_max() const noexcept override { return 64; }

  /// Where an output stands among an input's scores; nullopt: the model has none of that name.
  [[nodiscard]] std::optional<std::size_t> output(std::string_view name) const noexcept;
  [[nodiscard]] const std::string& version() const noexcept { return version_; }  ///< triage.version
  [[nodiscard]] bool reads_ngrams() const noexcept { return ids_ != none; }
  /// How long one input takes where nothing disturbs, measured when the model was loaded.
  [[nodiscard]] std::chrono::nanoseconds cost() const noexcept { return cost_; }
  /// Whether it may run on an event loop's own thread.
  [[nodiscard]] bool is_quick() const noexcept { return cost_ <= quick_max; }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  static constexpr std::chrono::microseconds quick_max{200};

  explicit FeatureModel(std::shared_ptr<const Session> session) : session_(std::move(session)) {}
  static Result<std::shared_ptr<const FeatureModel>> make(const PartFile& file, const FeatureModelUse& use);
  [[nodiscard]] std::string problem(const FeatureModelUse& use);
  [[nodiscard]] std::string input_problem(const FeatureModelUse& use);
  [[nodiscard]] std::string output_problem() const;
  void measure();

  std::shared_ptr<const Session> session_;
  std::string version_;
  std::size_t features_ = none;  // which of the session's inputs
  std::size_t ids_ = none;
  std::size_t values_ = none;
  std::size_t count_ = 0;
  std::chrono::nanoseconds cost_{};
};

}  // namespace triage::onnx
