// What servers of this dialect say when a prompt is too long for the model: OpenAI and Azure, vLLM, SGLang, llama.cpp,
// TGI and Together, LM Studio, Ollama, and other providers behind gateways that speak OpenAI's API and keep the
// providers' words (Anthropic, Gemini, Bedrock, Cohere, Mistral, xAI, Moonshot, MiniMax, Perplexity, Fireworks,
// DashScope, Zhipu).
//
// And their words for a member of a request that they do not know or support. Most name it:
//
//   Unrecognized request argument supplied: stream_options                          OpenAI, Azure
//   {"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],...}]}     pydantic: vLLM, Mistral, FastAPI
//   Json deserialize error: unknown field `stream_options`, expected one of ...     serde: TGI
//   create() got an unexpected keyword argument 'stream_options'                    Python, also with status 500
//   Unsupported parameter: 'max_tokens' is not supported with this model.           OpenAI's reasoning models
//
// An addition that is named is the one that is refused, whatever the words around it. If none is named, words for
// something unknown decide.
#include "base/ascii.hpp"
#include "openai/error_body.hpp"
#include "providers/openai.hpp"

#include <algorithm>
#include <span>

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
    "tokens, must have less than",
    "prompt must have less than",
    "input must have less than",
    "too many tokens: total number of tokens in the prompt",
    "too many total text bytes",
    "exceeded model token limit",
    "exceeds the maximum number of tokens",
    "token length too long",
    "tokens exceed",
    "too large for model with",
    "exceed context window",
    "context window limit",
    "maximum context limit",
    "maximum context window",
    "max_model_len",
    "max message tokens",
    "too many tokens: size limit exceeded",
    "try using shorter or fewer inputs",
    "string_above_max_length",
    "string too long. expected a string with maximum length",
    "expected maxlength",
    "prompt: length",
    "max_tokens must be at least 1, got -",
    "request_too_large",
};

// What a provider without credit says, also with a status for the request's faults: Anthropic, LiteLLM.
constexpr std::string_view no_credit[] = {"credit balance is too low", "insufficient credit", "insufficient_quota",
                                          "budget_exceeded", "budget has been exceeded"};

// The same of a key that it does not know: Gemini.
constexpr std::string_view bad_key[] = {"api key not valid", "api_key_invalid", "invalid api key", "incorrect api key",
                                        "api key has been expired"};

// Whether the text at `at` is part of what the request itself said: validators send their input back as
// {"msg": "...", "input": "..."}.
bool is_echo(std::string_view body, std::size_t at) noexcept {
  constexpr std::string_view blanks = " \t\r\n";
  std::size_t quote = at;
  do quote = quote == 0 ? std::string_view::npos : body.rfind('"', quote - 1);
  while (quote != std::string_view::npos && quote > 0 && body[quote - 1] == '\\');
  if (quote == std::string_view::npos || quote == 0) return false;
  const std::size_t colon = body.find_last_not_of(blanks, quote - 1);
  if (colon == std::string_view::npos || colon == 0 || body[colon] != ':') return false;
  const std::size_t end = body.find_last_not_of(blanks, colon - 1);
  if (end == std::string_view::npos || end == 0 || body[end] != '"') return false;
  const std::size_t begin = body.rfind('"', end - 1);
  if (begin == std::string_view::npos) return false;
  const std::string_view key = body.substr(begin + 1, end - begin - 1);
  return key == "input" || key == "content" || key == "prompt" || key == "text" || key == "value";
}

// `phrase` must be lower case.
bool says(std::string_view body, std::string_view phrase) noexcept {
  const auto same = [](char a, char b) { return to_lower(a) == b; };
  for (auto from = body.begin();;) {
    const auto found = std::search(from, body.end(), phrase.begin(), phrase.end(), same);
    if (found == body.end()) return false;
    if (!is_echo(body, static_cast<std::size_t>(found - body.begin()))) return true;
    from = found + 1;
  }
}

bool says_any(std::string_view body, std::span<const std::string_view> phrases) noexcept {
  return std::ranges::any_of(phrases, [body](std::string_view phrase) { return says(body, phrase); });
}

bool is_too_long(std::string_view body) noexcept {
  return says_any(body, too_long);
}

// Whether it is about how much may be sent in a period, not about one request.
bool is_rate_limit(std::string_view body) noexcept {
  constexpr std::string_view phrases[] = {"tokens per minute",   "tokens per day",    "(tpm)", "(tpd)",
                                          "rate_limit_exceeded", "rate limit reached"};
  return says_any(body, phrases);
}

/// Statuses that say that the request is wrong, and not the key, the credit, the model's name or the time.
bool tells_of_the_request(int status) noexcept {
  switch (status) {
    case 401:
    case 402:
    case 403:
    case 404:
    case 408:
    case 409:
    case 413:
    case 429:
    case 498:
    case 503: return false;
    default: return status >= 400;
  }
}

constexpr std::string_view something_unknown[] = {
    "extra inputs are not permitted",
    "extra fields not permitted",
    "extra fields are not",
    "extra_forbidden",
    "additional properties",
    "additionalproperties",
    "unknown field",
    "unknown parameter",
    "unknown argument",
    "unknown name",
    "unknown key",
    "unrecognized field",
    "unrecognized request argument",
    "unrecognized argument",
    "unrecognized parameter",
    "unrecognized key",
    "unexpected field",
    "unexpected argument",
    "unexpected keyword argument",
    "unexpected parameter",
    "unsupported parameter",
    "unsupported field",
};

constexpr std::string_view no_system_message[] = {
    "system role",          "role 'system'",
    "role \"system\"",      "role: system",
    "system message",       "system prompt",
    "system instruction",   "developer instruction",
    "roles must alternate", "supports user and assistant roles",
};

bool names(std::string_view body, Addition addition) noexcept {
  if (addition == Addition::instruction) return says_any(body, no_system_message);
  if (addition == Addition::stream_options && says(body, "include_usage")) return true;
  if (addition == Addition::response_format && says(body, "json_schema")) return true;
  return says(body, words<Addition>[static_cast<std::size_t>(addition)]);
}

}  // namespace

bool says_key(std::string_view body) noexcept {
  return says_any(body, bad_key);
}

Error reported_error(std::string what, std::string_view json, int status) {
  Error error{ErrorCode::upstream_error, std::move(what)};
  if (const std::string message = reported_message(json); !message.empty()) error.message += ": " + message;
  error.status = status;
  return error;
}

Remedy classify(int status, std::string_view body) noexcept {
  switch (status) {
    case 408:
    case 425:
    case 429:
    case 498: return Remedy::anywhere;  // 498: no capacity (Groq)
    case 401:
    case 402:  // no credit left
    case 403:
    case 404:
    case 410:  // the model is retired
    case 424:
    case 501: return Remedy::elsewhere;
    case 413:
      if (is_rate_limit(body)) return Remedy::elsewhere;
      break;
    default: break;
  }
  if (status >= 500) return is_too_long(body) ? Remedy::larger_window : Remedy::anywhere;
  if (status < 400 || (says_any(body, no_credit) || says_key(body))) return Remedy::elsewhere;
  return is_too_long(body) ? Remedy::larger_window : Remedy::none;
}

Additions refused(int status, std::string_view body, Additions added) noexcept {
  if (added == 0 || !tells_of_the_request(status)) return 0;
  Additions named = 0;
  for (std::size_t i = 0; i < words<Addition>.size(); ++i) {
    const Additions one = added & bit(static_cast<Addition>(i));
    if (one != 0 && names(body, static_cast<Addition>(i))) named |= one;
  }
  if (named != 0 || status >= 500) return named;
  return says_any(body, something_unknown) ? added & ~bit(Addition::instruction) : 0;
}

}  // namespace triage::openai
