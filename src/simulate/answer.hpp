#pragma once
// A model's answer to a question, made as a whole before anything is sent, so that a stream and a plain reply agree.

#include "simulate/misbehaviour.hpp"
#include "simulate/question.hpp"
#include "simulate/spec.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace triage::simulate {

struct Usage {
  std::uint32_t prompt = 0;
  std::uint32_t completion = 0;
  std::uint32_t cached = 0;     ///< of prompt
  std::uint32_t reasoning = 0;  ///< of completion; not part of the text
};

enum class Finish : std::uint8_t { stop, length, tool_calls };
std::string_view finish_name(Finish finish) noexcept;

struct ToolCall {
  std::string id;
  std::string name;
  std::string arguments;            ///< JSON, unless cut by the token limit
  std::vector<std::uint32_t> ends;  ///< of the tokens in `arguments`
  std::uint32_t name_tokens = 0;
};

struct Choice {
  std::string text;
  std::vector<std::uint32_t> ends;  ///< of the tokens in `text`
  std::vector<ToolCall> calls;      ///< instead of text
  Finish finish = Finish::stop;
  std::string echo;      ///< the prompt, repeated before the text (completions only)
  bool refusal = false;  ///< `text` is the refusal of a structured answer
  double certainty = 1;  ///< mean probability of a token, for logprobs
  std::uint64_t chance = 0;

  [[nodiscard]] std::uint32_t tokens() const noexcept;
};

struct Answer {
  std::vector<Choice> choices;
  Usage usage;
};

/// Deterministic in (seed, model, question).
Answer make_answer(const ModelSpec& model, const Question& question, std::uint64_t seed);

/// Makes all choices say `text`, as one token (none if it is empty).
void replace_text(Answer& answer, const std::string& text);

/// The log-probability of token `index` of a choice, or of its i-th alternative (0 is the token itself).
double logprob_of(const Choice& choice, std::size_t index, std::size_t alternative) noexcept;

/// The text of the i-th alternative (i > 0) to any token.
std::string_view alternative_text(std::size_t alternative) noexcept;

}  // namespace triage::simulate
