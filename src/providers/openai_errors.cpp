// What servers of this dialect say when a prompt is too long for the model: OpenAI and Azure, vLLM, SGLang, llama.cpp,
// TGI and Together, LM Studio, Ollama, and other providers behind gateways that speak OpenAI's API and keep the
// providers' words (Anthropic, Gemini, Bedrock, Cohere, Mistral, xAI, Moonshot, MiniMax, Perplexity, Fireworks,
// DashScope, Zhipu).
#include "base/ascii.hpp"
#include "openai/error_body.hpp"
#include "providers/openai.hpp"

#include <algorithm>

namespace triage::openai {
namespace {

constexpr std::string_view too_long[] = {
    "context_length_exceeded",
    "context length exceeded",
    "exceed_context_size",
    "maximum context length",
    "max context length",
    "maximum model length",
    "maximum prompt length",
    "maximum sequence length",
    "model's context length",
    "model context length",
    "exceeds the context length",
    "exceeds context length",
    "greater than the context length",
    "context length of only",
    "available context size",
    "context size has been exceeded",
    "exceeds the context window",
    "exceed the context window",
    "exceeds context window",
    "context window exceed",
    "exceeds the maximum context",
    "exceed context limit",
    "exceeds the model's context",
    "context the overflows",
    "prompt is too long",
    "prompt too long",
    "prompt_too_long",
    "prompt exceeds max length",
    "input is too long",
    "input too long",
    "input length exceeds",
    "input length and `max_tokens` exceed",
    "input token count",
    "input is too large to process",
    "range of input length should be",
    "reduce the length of the messages",
    "reduce the length of the prompt",
    "`max_new_tokens` must be <=",
    "must have less than",
    "too many tokens: total number of tokens in the prompt",
    "too many total text bytes",
    "exceeded model token limit",
    "exceeds the maximum number of tokens",
    "token length too long",
    "tokens exceed",
    "too large for model with",
};

// `phrase` must be lower case.
bool says(std::string_view body, std::string_view phrase) noexcept {
  const auto same = [](char a, char b) { return to_lower(a) == b; };
  return std::search(body.begin(), body.end(), phrase.begin(), phrase.end(), same) != body.end();
}

bool is_too_long(std::string_view body) noexcept {
  return std::ranges::any_of(too_long, [body](std::string_view phrase) { return says(body, phrase); });
}

// Whether it is about how much may be sent in a period, not about one request.
bool is_rate_limit(std::string_view body) noexcept {
  constexpr std::string_view phrases[] = {"tokens per minute",   "tokens per day",    "(tpm)", "(tpd)",
                                          "rate_limit_exceeded", "rate limit reached"};
  return std::ranges::any_of(phrases, [body](std::string_view phrase) { return says(body, phrase); });
}

}  // namespace

Error reported_error(std::string what, std::string_view json, int status) {
  Error error{ErrorCode::upstream_error, std::move(what)};
  if (const std::string message = reported_message(json); !message.empty()) error.message += ": " + message;
  error.status = status;
  return error;
}

Remedy classify(int status, std::string_view body) noexcept {
  switch (status) {
    case 408:
    case 429:
    case 498: return Remedy::anywhere;  // 498: no capacity (Groq)
    case 401:
    case 402:  // no credit left
    case 403:
    case 404:
    case 501: return Remedy::elsewhere;
    case 413:
      if (is_rate_limit(body)) return Remedy::elsewhere;
      break;
    default: break;
  }
  if (status >= 500) return is_too_long(body) ? Remedy::larger_window : Remedy::anywhere;
  if (status < 400) return Remedy::elsewhere;
  return is_too_long(body) ? Remedy::larger_window : Remedy::none;
}

}  // namespace triage::openai
