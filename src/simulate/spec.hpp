#pragma once
// The properties of simulated models, read from YAML (docs/simulate.md lists every key) or built in (demo_simulation).

#include "triage/error.hpp"
#include "triage/price.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace triage {

/// How long something takes: always p50 if both are equal, otherwise lognormal through the two quantiles.
struct DelaySpec {
  std::chrono::microseconds p50{0};
  std::chrono::microseconds p99{0};
};

struct FailureSpec {
  double rate = 0;  ///< 0..1, of all requests to the model
  int status = 500;
  std::optional<std::chrono::seconds> retry_after;
};

enum class Difficulty : std::uint8_t { easy, medium, hard };

/// Lets a map of std::string be searched by string_view.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};

/// Recorded answers by the trimmed text of the last user message.
using ReplayAnswers = std::unordered_map<std::string, std::string, TextHash, std::equal_to<>>;

enum class ModelKind : std::uint8_t { chat, embedding };

struct ModelSpec {
  std::string name;
  ModelKind kind = ModelKind::chat;
  DelaySpec latency;             ///< before the head of the response
  DelaySpec ttft;                ///< after that, before the first token
  double tokens_per_second = 0;  ///< 0: all at once
  FailureSpec failure;
  double refusal = 0;                           ///< 0..1, share of refused prompts; the same prompt is always refused
  bool logprobs = true;                         ///< false: asking for them is a 400
  std::array<double, 3> quality{1, 1, 1};       ///< chance of a right answer, by Difficulty
  std::uint32_t context_window = 128'000;       ///< tokens, prompt and answer
  std::uint32_t answer_tokens = 40;             ///< mean length of a made-up answer
  double cached_share = 0;                      ///< of a prompt of 1,024 tokens or more, reported as cached
  std::uint32_t reasoning_tokens = 0;           ///< per choice, billed and reported in addition to those of its text
  Price price;                                  ///< used by GET /simulate/billing
  std::uint32_t dimensions = 1536;              ///< of an embedding if the request does not say
  std::shared_ptr<const ReplayAnswers> replay;  ///< may be null
};

struct SimulateSpec {
  std::string api_key;    ///< empty: any key, or none, is accepted
  bool coalesce = false;  ///< models with tokens_per_second 0 send a whole stream in one write
  std::vector<ModelSpec> models;
};

/// Reads the file, and the replay files it names, relative to it. The message is `FILE:LINE:COL: error: ...`.
Result<SimulateSpec> load_simulation(const std::string& path);

/// The same for text in memory; `name` stands for the file in messages and as the base of relative paths.
Result<SimulateSpec> parse_simulation(std::string_view yaml, std::string_view name);

/// Three models, sim-small < sim-medium < sim-large in cost, latency and quality, and sim-embedding. No file needed.
const SimulateSpec& demo_simulation();

/// Adds those lines of a JSONL file {"model"?, "prompt", "answer"} that are for `model` or name no model. The first
/// answer to a prompt wins. An error's message begins with FILE:LINE:COL.
Result<void> add_replay(const std::string& path, std::string_view model, ReplayAnswers& answers);

}  // namespace triage
