#pragma once
// Where a server or a family of models takes something else than its dialect says. config/quirks.yaml has the rows that
// are built in; a provider's or a deployment's own `quirks` go before them. Of a chat completion that is passed on they
// change what they name, and all other bytes stay the client's.

#include "triage/words.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// The name of an answer's limit in a chat completion.
enum class LimitWord : std::uint8_t { max_tokens, max_completion_tokens };
template <>
inline constexpr std::array<std::string_view, 2> words<LimitWord>{"max_tokens", "max_completion_tokens"};

/// Which ids of calls are taken; others become hashes. nine: nine letters and digits, neither more nor less.
enum class CallIds : std::uint8_t { any, nine };
template <>
inline constexpr std::array<std::string_view, 2> words<CallIds>{"any", "nine"};

/// A system message in mid-conversation. marked: it becomes the user's, in place, in <system> marks.
enum class LaterSystem : std::uint8_t { system, marked };
template <>
inline constexpr std::array<std::string_view, 2> words<LaterSystem>{"system", "marked"};

/// How an assistant's own thoughts are sent back in a chat completion. no, which is written `none`: not at all. parts:
/// in its content.
enum class SentThoughts : std::uint8_t { no, reasoning_content, reasoning, parts };
template <>
inline constexpr std::array<std::string_view, 4> words<SentThoughts>{"none", "reasoning_content", "reasoning", "parts"};

/// Which member of a request says how long to think. no, which is written `none`: none does. reasoning:
/// {"effort": ...}; thinking: {"type": "enabled"}; the last two are Bedrock's, for models of OpenAI's kind and for
/// Nova.
enum class EffortWord : std::uint8_t { no, reasoning_effort, reasoning, thinking, reasoning_config, nova };
template <>
inline constexpr std::array<std::string_view, 6> words<EffortWord>{"none",     "reasoning_effort", "reasoning",
                                                                   "thinking", "reasoning_config", "nova"};

/// What Bedrock's models call top_k. nova: inferenceConfig.topK.
enum class TopKWord : std::uint8_t { no, top_k, k, nova };
template <>
inline constexpr std::array<std::string_view, 4> words<TopKWord>{"none", "top_k", "k", "nova"};

/// The choices of tools besides the model's own.
enum class ChoiceWord : std::uint8_t { none, required, named };
template <>
inline constexpr std::array<std::string_view, 3> words<ChoiceWord>{"none", "required", "named"};

/// What is absent is as the dialect says.
struct Quirks {
  std::optional<LimitWord> limit;
  std::optional<CallIds> call_ids;
  std::optional<std::string> seed;                   ///< what a chat completion calls it
  std::optional<std::vector<std::string>> left_out;  ///< members of a chat completion that it refuses
  std::optional<bool> reply_to_results;              ///< the assistant must speak between a tool's result and the user
  std::optional<LaterSystem> later_system;
  std::optional<SentThoughts> sent_thoughts;
  std::optional<EffortWord> effort;
  std::optional<std::vector<std::string>> efforts;      ///< the words that it takes, least first
  std::optional<std::string> reasoning_format;          ///< a member of requests that are to show thoughts (Groq)
  std::optional<std::vector<ChoiceWord>> tool_choices;  ///< that are taken besides the model's own choice
  std::optional<std::string> unsigned_calls;            ///< stands for the signature of a call that has none
  std::optional<bool> sampling_with_thinking;           ///< temperature and its kin are taken while it thinks
  std::optional<TopKWord> top_k;                        ///< Bedrock
  std::optional<bool> cache_points;                     ///< Bedrock: the prompt can be cached
  std::optional<bool> failed_results;                   ///< Bedrock: the mark of a tool that failed is taken
  std::optional<bool> prefill;                          ///< a last turn of the assistant is continued
  std::optional<bool> image_urls;                       ///< images at an address are fetched
  std::optional<bool> json_schema;                      ///< answers are held to a schema
  std::optional<bool> json_object;                      ///< answers are held to be JSON
  std::optional<bool> stop;                             ///< stop sequences are taken
  std::optional<std::vector<std::string>> retried;      ///< what a refusal says that is worth another try
};

}  // namespace triage
