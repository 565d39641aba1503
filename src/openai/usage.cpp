#include "openai/usage.hpp"
#include "json/json.hpp"
#include "triage/price.hpp"

#include <algorithm>
#include <charconv>
#include <span>

// {"prompt_tokens":P,"completion_tokens":C,"total_tokens":T,
//  "prompt_tokens_details":{"cached_tokens":K,"audio_tokens":A},
//  "completion_tokens_details":{"reasoning_tokens":R,"audio_tokens":B}}
//
//   input = P, input_cached = K, input_audio = A, output = C, reasoning = R, output_audio = B
//
// Embeddings have no C. Responses say input_tokens and output_tokens. DeepSeek calls K prompt_cache_hit_tokens,
// Moonshot puts cached_tokens beside P. What was written to the cache is cache_write_tokens (OpenAI, OpenRouter) or
// cache_creation_input_tokens (Alibaba; LiteLLM, which has it and cache_read_input_tokens beside P) and part of P. A
// figure that comes under two names counts as the larger.
//
// xAI leaves R out of C, which shows in T = P + C + R: then output = C + R. Gemini leaves its thoughts out of C and
// names them nowhere: then what T has beyond P + C is reasoning, and output.

namespace triage::openai {
namespace {

/// Consumes a value: a count if it is a number that is not negative.
void read_count(JsonReader& in, std::int64_t& count) {
  std::string_view spelled;
  if (in.kind() != JsonReader::Kind::number) {
    in.skip();
    return;
  }
  if (!in.number(spelled)) return;
  double value = 0;
  std::from_chars(spelled.data(), spelled.data() + spelled.size(), value);
  if (value >= 0 && value <= static_cast<double>(billed_tokens_max))
    count = std::max(count, static_cast<std::int64_t>(value));
}

struct Member {
  std::string_view name;
  std::int64_t Usage::*count;
};
constexpr Member top[] = {{"prompt_tokens", &Usage::input},
                          {"completion_tokens", &Usage::output},
                          {"input_tokens", &Usage::input},
                          {"output_tokens", &Usage::output},
                          {"prompt_cache_hit_tokens", &Usage::input_cached},
                          {"cached_tokens", &Usage::input_cached},
                          {"cache_read_input_tokens", &Usage::input_cached},
                          {"cache_creation_input_tokens", &Usage::cache_write}};
constexpr Member of_input[] = {{"cached_tokens", &Usage::input_cached},
                               {"audio_tokens", &Usage::input_audio},
                               {"cache_write_tokens", &Usage::cache_write},
                               {"cache_creation_input_tokens", &Usage::cache_write}};
constexpr Member of_output[] = {{"reasoning_tokens", &Usage::reasoning}, {"audio_tokens", &Usage::output_audio}};

/// Consumes the value of `name`.
void read_member(JsonReader& in, const JsonString& name, std::span<const Member> known, Usage& usage) {
  for (const Member& member : known)
    if (name.is(member.name)) return read_count(in, usage.*member.count);
  in.skip();
}

}  // namespace

std::optional<Usage> read_usage(JsonReader& in) {
  Usage usage;
  std::int64_t total = 0;
  bool counted = false;
  const auto details = [&](std::span<const Member> known) {
    each_member(in, [&](const JsonString& name) { read_member(in, name, known, usage); });
  };
  each_member(in, [&](const JsonString& name) {
    counted = counted || (name.raw.ends_with("_tokens") && in.kind() == JsonReader::Kind::number);
    if (name.is("total_tokens"))
      read_count(in, total);
    else if (name.is("prompt_tokens_details") || name.is("input_tokens_details"))
      details(of_input);
    else if (name.is("completion_tokens_details") || name.is("output_tokens_details"))
      details(of_output);
    else
      read_member(in, name, top, usage);
  });
  if (in.failed() || !counted) return std::nullopt;
  const std::int64_t unnamed = total - usage.input - usage.output;
  if (unnamed > 0 && usage.reasoning == 0) usage.reasoning = unnamed;
  if (unnamed > 0 && usage.reasoning == unnamed) usage.output += unnamed;
  return usage;
}

}  // namespace triage::openai
