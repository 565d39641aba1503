#include "openai/usage.hpp"

#include "base/decimal.hpp"
#include "json/json.hpp"
#include "triage/price.hpp"

#include <algorithm>
#include <charconv>
#include <span>

// {"prompt_tokens":P,"completion_tokens":C,"total_tokens":T,
//  "prompt_tokens_details":{"cached_tokens":K,"audio_tokens":A,"cache_write_tokens":W},
//  "completion_tokens_details":{"reasoning_tokens":R,"audio_tokens":B}}
//
// answer/usage.cpp finds out which of these include which others. Other names for them:
//
//   P, C   input_tokens, output_tokens (responses, Anthropic); embeddings have no C
//   K      cached_tokens beside P (Moonshot), num_cached_tokens (Mistral), prompt_cache_hit_tokens with
//          prompt_cache_miss_tokens (DeepSeek), cache_read_input_tokens (Anthropic, LiteLLM)
//   W      cache_creation_input_tokens (Anthropic, Alibaba), cache_creation_tokens (LiteLLM); by lifetime:
//          {"cache_creation":{"ephemeral_5m_input_tokens":W5,"ephemeral_1h_input_tokens":W60}}
//   R      reasoning_tokens beside C (Perplexity, SGLang), thinking_tokens (Anthropic)
//
// Cohere says what was read in {"tokens":{"input_tokens":P,"output_tokens":C}}, and in `billed_units`, likewise, what
// is paid for: of what it reads from its cache nothing is.
//
// Realtime calls the details input_token_details and output_token_details, and counts cached audio
// (cached_tokens_details) among both K and A; here audio that came from the cache counts as cached only.
//
// Besides tokens: num_search_queries, citation_tokens, search_context_size (Perplexity), web_search_requests of
// server_tool_use (Anthropic, OpenRouter), web_search_calls of server_side_tool_usage_details (xAI).
//
// The cost of the call in USD: cost (OpenRouter), {"cost":{"total_cost":..}} (Perplexity), estimated_cost (DeepInfra);
// in units of 1e-10 USD: cost_in_usd_ticks (xAI). With is_byok, OpenRouter's cost is its fee only, and the provider's
// own bill is cost_details.upstream_inference_cost.

namespace triage::openai {
namespace {

using Kind = JsonReader::Kind;
constexpr int nano_places = 9;
constexpr std::int64_t ticks_per_nano = 10;

/// Consumes a value: a count if it is a number that is not negative.
void read_count(JsonReader& in, std::int64_t& count) {
  std::string_view spelled;
  if (in.kind() != Kind::number) {
    in.skip();
    return;
  }
  if (!in.number(spelled)) return;
  const char* const end = spelled.data() + spelled.size();
  std::int64_t whole = 0;
  if (const auto [at, error] = std::from_chars(spelled.data(), end, whole); error != std::errc() || at != end) {
    double value = 0;  // such as 12.0 or 1e3
    std::from_chars(spelled.data(), end, value);
    whole = value >= 0 && value <= static_cast<double>(billed_tokens_max) ? static_cast<std::int64_t>(value) : -1;
  }
  if (whole >= 0 && whole <= billed_tokens_max) count = std::max(count, whole);
}

/// Consumes a value: an amount if it is a number, or one in quotes, that is not negative. In units of 10^-places.
std::optional<std::int64_t> read_amount(JsonReader& in, int places) {
  JsonString text;
  std::string_view spelled;
  if (in.kind() == Kind::number)
    in.number(spelled);
  else if (in.kind() == Kind::string && in.string(text))
    spelled = text.raw;
  else
    in.skip();
  const auto amount = parse_decimal(spelled, places);
  return amount && amount->units >= 0 ? std::optional(amount->units) : std::nullopt;
}

bool is_one_of(const JsonString& name, std::initializer_list<std::string_view> words) noexcept {
  return std::ranges::any_of(words, [&](std::string_view word) { return name.is(word); });
}

struct Member {
  std::string_view name;
  std::int64_t UsageReport::*count;
};
constexpr Member top[] = {{"prompt_tokens", &UsageReport::input},
                          {"completion_tokens", &UsageReport::output},
                          {"total_tokens", &UsageReport::total},
                          {"output_tokens", &UsageReport::output},
                          {"prompt_cache_hit_tokens", &UsageReport::cached},
                          {"prompt_cache_miss_tokens", &UsageReport::missed},
                          {"cached_tokens", &UsageReport::cached},
                          {"num_cached_tokens", &UsageReport::cached},
                          {"cache_read_input_tokens", &UsageReport::cached},
                          {"cache_creation_input_tokens", &UsageReport::written},
                          {"reasoning_tokens", &UsageReport::reasoning_beside},
                          {"citation_tokens", &UsageReport::citations},
                          {"num_search_queries", &UsageReport::searches},
                          {"num_sources_used", &UsageReport::unpriced}};
constexpr Member of_input[] = {{"cached_tokens", &UsageReport::cached},
                               {"audio_tokens", &UsageReport::input_audio},
                               {"cache_write_tokens", &UsageReport::written},
                               {"cache_creation_tokens", &UsageReport::written},
                               {"cache_creation_input_tokens", &UsageReport::written},
                               {"web_search_requests", &UsageReport::searches}};
constexpr Member of_output[] = {{"reasoning_tokens", &UsageReport::reasoning},
                                {"thinking_tokens", &UsageReport::reasoning},
                                {"audio_tokens", &UsageReport::output_audio},
                                {"image_tokens", &UsageReport::unpriced}};
constexpr Member of_writes[] = {{"ephemeral_5m_input_tokens", &UsageReport::written_5m},
                                {"ephemeral_1h_input_tokens", &UsageReport::written_1h}};
constexpr Member of_tools[] = {
    {"web_search_requests", &UsageReport::searches},   {"web_search_calls", &UsageReport::searches},
    {"x_search_calls", &UsageReport::unpriced},        {"code_interpreter_calls", &UsageReport::unpriced},
    {"file_search_calls", &UsageReport::unpriced},     {"document_search_calls", &UsageReport::unpriced},
    {"image_generation_calls", &UsageReport::unpriced}};

class UsageReader {
 public:
  UsageReader(JsonReader& in, std::string_view& service_tier) : in_(in), service_tier_(service_tier) {}

  std::optional<UsageReport> read() {
    each_member(in_, [this](const JsonString& name) { read_member(name); });
    if (in_.failed() || !counted_) return std::nullopt;
    if (billed_) {
      out_.input = billed_->input;
      out_.output = billed_->output;
      out_.total = out_.cached = 0;
    }
    if (by_fee_ && upstream_cost_) cost_ = cost_.value_or(0) + *upstream_cost_;
    out_.cost_nano_usd = cost_;
    out_.input_audio -= std::min(out_.input_audio, cached_audio_);
    out_.anthropic = anthropic_input_ && anthropic_caches_;
    return out_;
  }

 private:
  void read_member(const JsonString& name) {
    counted_ = counted_ || (name.raw.ends_with("_tokens") && in_.kind() == Kind::number);
    anthropic_caches_ =
        anthropic_caches_ || name.is("cache_read_input_tokens") || name.is("cache_creation_input_tokens");
    if (name.is("input_tokens")) {
      anthropic_input_ = true;
      read_count(in_, out_.input);
    } else if (is_one_of(name, {"prompt_tokens_details", "input_tokens_details", "input_token_details"})) {
      read_details(of_input);
    } else if (is_one_of(name, {"completion_tokens_details", "output_tokens_details", "output_token_details"})) {
      read_details(of_output);
    } else if (!read_count_of(name, top)) {
      read_more(name);
    }
  }

  /// The details of the input may hold those of what was written.
  void read_details(std::span<const Member> known) {
    each_member(in_, [&](const JsonString& name) {
      if (name.is("cache_creation") || name.is("cache_creation_token_details"))
        read_counts(of_writes);
      else if (name.is("cached_tokens_details"))
        read_cached_audio();
      else if (!read_count_of(name, known))
        in_.skip();
    });
  }

  void read_cached_audio() {
    each_member(in_, [&](const JsonString& name) {
      name.is("audio_tokens") ? read_count(in_, cached_audio_) : void(in_.skip());
    });
  }

  void read_counts(std::span<const Member> known) {
    each_member(in_, [&](const JsonString& name) {
      if (!read_count_of(name, known)) in_.skip();
    });
  }

  bool read_count_of(const JsonString& name, std::span<const Member> known) {
    for (const Member& member : known) {
      if (!name.is(member.name)) continue;
      read_count(in_, out_.*member.count);
      return true;
    }
    return false;
  }

  void read_more(const JsonString& name) {
    if (name.is("cost") || name.is("estimated_cost"))
      read_cost();
    else if (name.is("cost_in_usd_ticks"))
      read_ticks();
    else if (name.is("cost_details"))
      read_cost_details();
    else if (name.is("is_byok") && in_.kind() == Kind::boolean)
      in_.boolean(by_fee_);
    else if (name.is("cache_creation"))
      read_counts(of_writes);
    else if (name.is("billed_units"))
      read_units(billed_.emplace());
    else if (name.is("tokens"))
      read_units(out_);
    else if (name.is("server_tool_use") || name.is("server_tool_use_details") ||
             name.is("server_side_tool_usage_details"))
      read_counts(of_tools);
    else
      read_words(name);
  }

  void read_units(UsageReport& out) {
    each_member(in_, [&](const JsonString& name) {
      if (name.is("input_tokens"))
        read_count(in_, out.input);
      else if (name.is("output_tokens"))
        read_count(in_, out.output);
      else
        return void(in_.skip());
      counted_ = true;
    });
  }

  void read_words(const JsonString& name) {
    JsonString text;
    const bool tier = name.is("service_tier");
    if (in_.kind() != Kind::string || !(tier || name.is("search_context_size")))
      in_.skip();
    else if (in_.string(text) && tier)
      service_tier_ = text.raw;
    else if (const auto size = from_word<SearchSize>(text.raw))
      out_.search_size = size;
  }

  void read_cost() {
    if (in_.kind() != Kind::object) return add_cost(read_amount(in_, nano_places));
    each_member(in_, [this](const JsonString& name) {
      if (name.is("total_cost"))
        add_cost(read_amount(in_, nano_places));
      else
        in_.skip();
    });
  }

  void read_ticks() {
    if (const auto ticks = read_amount(in_, 0)) add_cost(*ticks / ticks_per_nano + (*ticks % ticks_per_nano >= 5));
  }

  void read_cost_details() {
    each_member(in_, [this](const JsonString& name) {
      if (name.is("upstream_inference_cost"))
        upstream_cost_ = read_amount(in_, nano_places);
      else
        in_.skip();
    });
  }

  void add_cost(std::optional<std::int64_t> nano_usd) {
    if (!nano_usd) return;
    counted_ = true;
    cost_ = std::max(cost_, nano_usd);
  }

  JsonReader& in_;
  std::string_view& service_tier_;
  UsageReport out_;
  std::int64_t cached_audio_ = 0;
  std::optional<std::int64_t> cost_;
  std::optional<std::int64_t> upstream_cost_;
  std::optional<UsageReport> billed_;
  bool by_fee_ = false;
  bool anthropic_input_ = false;
  bool anthropic_caches_ = false;
  bool counted_ = false;
};

}  // namespace

std::optional<UsageReport> read_usage(JsonReader& in, std::string_view& service_tier) {
  if (in.kind() != Kind::object) {
    in.skip();
    return std::nullopt;
  }
  return UsageReader(in, service_tier).read();
}

}  // namespace triage::openai
