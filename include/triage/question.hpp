#pragma once
// What routers, verifiers and pickers want to know from a model before they can tell. They say what to ask and read
// what comes back, both pure; the pipeline asks, bills what a provider is paid, and gives up in time.

#include "triage/completion.hpp"
#include "triage/error.hpp"

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace triage {

/// Asked of a deployment: a completion.
struct ChatQuestion {
  std::string_view deployment;  ///< a name of the config's; lives as long as the snapshot
  std::string body;             ///< a body of /v1/chat/completions; its `model` is replaced by the deployment's
  std::chrono::milliseconds timeout{};
};

/// Asked of a deployment: what a text is as a vector.
struct EmbeddingQuestion {
  std::string_view deployment;  ///< as above
  std::string text;             ///< UTF-8, not empty
  std::chrono::milliseconds timeout{};
};

/// A model that runs in this process. Immutable, used by several threads at once.
class LocalModel {
 public:
  virtual ~LocalModel() = default;
  /// Blocks for as long as it takes. Error: what the model's runtime says.
  [[nodiscard]] virtual Result<std::vector<float>> run(std::span<const float> input) const = 0;
};

/// Asked of a model in this process, on a thread of its own: its scores.
struct ScoreQuestion {
  std::shared_ptr<const LocalModel> model;  ///< not null; outlives a reload, for it may still run
  std::vector<float> input;
  std::chrono::milliseconds timeout{};
};

using Question = std::variant<ChatQuestion, EmbeddingQuestion, ScoreQuestion>;

struct Embedding {
  std::vector<float> values;  ///< as the model gives them, of any length above 0
};

struct Scores {
  std::vector<float> values;
};

/// What came back: of the kind that was asked for, or nothing, if nothing usable came in time or nothing was asked.
using QuestionResult = std::variant<std::monostate, Completion, Embedding, Scores>;

/// Null: it is none.
inline const Completion* completion_in(const QuestionResult& result) noexcept {
  return std::get_if<Completion>(&result);
}

}  // namespace triage
