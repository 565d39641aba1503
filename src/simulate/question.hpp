#pragma once
// What a request asks for, read from its body once. Nothing here points into the body.

#include "simulate/fault.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage::simulate {

/// A tool that must be called: its name, and the JSON schema of its arguments as text (empty: none declared).
struct WantedCall {
  std::string name;
  std::string schema;
};

/// A chat or completion request. Values not given have OpenAI's defaults.
struct Question {
  std::string model;
  bool stream = false;
  bool include_usage = false;
  std::uint32_t choices = 1;
  std::optional<std::uint32_t> tokens_max;
  std::vector<std::string> stops;
  bool logprobs = false;
  std::uint32_t top_logprobs = 0;

  std::string text;               ///< of the last user message, or the prompt; trimmed
  std::uint64_t fingerprint = 0;  ///< of everything said, and of `seed`
  std::uint32_t prompt_tokens = 0;
  std::uint32_t images = 0;       ///< and other parts that are not text
  std::string tool_result;        ///< what tools said after the last user message
  std::vector<WantedCall> calls;  ///< to be made instead of an answer
  bool json = false;              ///< the answer must be a JSON object
  std::string json_schema;        ///< which must satisfy this, if not empty
};

/// A completion request (the older API): one Question per prompt.
struct CompletionQuestion {
  Question first;                 ///< the common part, and the first prompt
  std::vector<Question> prompts;  ///< all of them, at least one
  bool echo = false;
};

struct EmbeddingQuestion {
  std::string model;
  std::vector<std::string> inputs;   ///< token arrays as their numbers, written with spaces
  std::uint32_t prompt_tokens = 0;   ///< of all inputs
  std::uint32_t longest_tokens = 0;  ///< of the longest
  std::optional<std::uint32_t> dimensions;
  bool base64 = false;
};

/// `body` is followed by body_padding readable bytes. A fault is what the provider shall answer.
std::optional<Fault> read_chat(std::string_view body, Question& out);
std::optional<Fault> read_completion(std::string_view body, CompletionQuestion& out);
std::optional<Fault> read_embedding(std::string_view body, EmbeddingQuestion& out);

/// Reads only `model`, for endpoints that need nothing else. Empty if the body is not an object that has it.
std::string read_model(std::string_view body);

}  // namespace triage::simulate
