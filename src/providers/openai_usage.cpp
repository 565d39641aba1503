#include "providers/openai.hpp"
#include "wire/json.hpp"

#include <charconv>

// {"prompt_tokens":P,"completion_tokens":C,"total_tokens":T,
//  "prompt_tokens_details":{"cached_tokens":K},"completion_tokens_details":{"reasoning_tokens":R}}
//
//   input = P, input_cached = K, output = C, reasoning = R
// Embeddings have no C. DeepSeek calls K prompt_cache_hit_tokens, Moonshot puts cached_tokens beside P. xAI leaves R
// out of C, which shows in T = P + C + R: then output = C + R.

namespace triage::openai {
namespace {

constexpr std::int64_t tokens_max = std::int64_t{1} << 48;

/// Consumes a value. A count if it is a number; otherwise what was there stays.
void read_count(JsonReader& in, std::int64_t& count) {
  if (in.kind() != JsonReader::Kind::number) {
    in.skip();
    return;
  }
  std::string_view spelled;
  if (!in.number(spelled)) return;
  double value = 0;
  std::from_chars(spelled.data(), spelled.data() + spelled.size(), value);
  if (value >= 0 && value <= static_cast<double>(tokens_max)) count = static_cast<std::int64_t>(value);
}

void read_detail(JsonReader& in, std::string_view wanted, std::int64_t& count) {
  if (in.kind() != JsonReader::Kind::object) {
    in.skip();
    return;
  }
  in.enter_object();
  JsonString name;
  while (in.next_name(name)) {
    if (name.is(wanted))
      read_count(in, count);
    else
      in.skip();
  }
}

}  // namespace

std::optional<Usage> read_usage(JsonReader& in) {
  if (in.kind() != JsonReader::Kind::object) {
    in.skip();
    return std::nullopt;
  }
  Usage usage;
  std::int64_t total = 0;
  bool counted = false;
  in.enter_object();
  JsonString name;
  while (in.next_name(name)) {
    counted = counted || (name.raw.ends_with("_tokens") && in.kind() == JsonReader::Kind::number);
    if (name.is("prompt_tokens"))
      read_count(in, usage.input);
    else if (name.is("completion_tokens"))
      read_count(in, usage.output);
    else if (name.is("total_tokens"))
      read_count(in, total);
    else if (name.is("prompt_tokens_details"))
      read_detail(in, "cached_tokens", usage.input_cached);
    else if (name.is("completion_tokens_details"))
      read_detail(in, "reasoning_tokens", usage.reasoning);
    else if (name.is("prompt_cache_hit_tokens") || name.is("cached_tokens"))
      read_count(in, usage.input_cached);
    else
      in.skip();
  }
  if (in.failed() || !counted) return std::nullopt;
  if (usage.reasoning > 0 && total == usage.input + usage.output + usage.reasoning) usage.output += usage.reasoning;
  return usage;
}

std::optional<Usage> find_usage(std::string_view body) {
  JsonReader in(body);
  if (!in.enter_object()) return std::nullopt;
  std::optional<Usage> usage;
  JsonString name;
  while (in.next_name(name)) {
    if (name.is("usage"))
      usage = read_usage(in);
    else
      in.skip_unchecked();
  }
  return in.finish() ? usage : std::nullopt;
}

}  // namespace triage::openai
