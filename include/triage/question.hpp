#pragma once
// What routers, verifiers and pickers need to know from a model before they can decide. They say what to ask and read
// the result, both pure; the pipeline asks, bills what the provider charges, and enforces the time limit.

#include "triage/completion.hpp"
#include "triage/error.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace triage {

/// Asks a deployment for a completion.
struct ChatQuestion {
  std::string_view deployment;  ///< a name from the config; lives as long as the snapshot
  std::string body;             ///< a body for /v1/chat/completions; its `model` is replaced by the deployment's
  std::chrono::milliseconds timeout{};
};

/// Asks a deployment for the embedding of a text.
struct EmbeddingQuestion {
  std::string_view deployment;  ///< as above
  std::string text;             ///< UTF-8, not empty
  std::chrono::milliseconds timeout{};
};

/// What a model in this process reads: a text, or the features of one.
struct ModelInput {
  std::string text;                   ///< UTF-8
  std::vector<float> features;        ///< as many as the model takes
  std::vector<std::int64_t> ngrams;   ///< ids of hashed word n-grams
  std::vector<float> ngram_values{};  ///< one for each of them
};

/// A model that runs in this process. Immutable and thread-safe.
class LocalModel {
 public:
  virtual ~LocalModel() = default;
  /// Runs the model, blocking until done: the scores of each input, in order. Error: the message of the model's
  /// runtime.
  [[nodiscard]] virtual Result<std::vector<std::vector<float>>> run(
      std::span<const ModelInput* const> inputs) const = 0;
  /// As many inputs are worth running together.
  [[nodiscard]] virtual std::size_t batch_max() const noexcept { return 1; }
};

/// Asks a model in this process, on a worker thread, for scores.
struct ScoreQuestion {
  std::shared_ptr<const LocalModel> model;  ///< not null; may still run after a reload, so it is shared
  ModelInput input;
  std::chrono::milliseconds timeout{};
};

using Question = std::variant<ChatQuestion, EmbeddingQuestion, ScoreQuestion>;

struct Embedding {
  std::vector<float> values;  ///< as the model gives them; never empty
};

struct Scores {
  std::vector<float> values;
};

/// The result, of the kind asked for. monostate: nothing was asked, or nothing usable came in time.
using QuestionResult = std::variant<std::monostate, Completion, Embedding, Scores>;

/// Null if `result` is not a completion.
inline const Completion* completion_in(const QuestionResult& result) noexcept {
  return std::get_if<Completion>(&result);
}

}  // namespace triage
