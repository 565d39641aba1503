#pragma once
// What a provider bills a call for: as it says it, and in one form for all of them.

#include "triage/words.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace triage {

/// How much of what a web search finds a model is given; each size has a price of its own.
enum class SearchSize : std::uint8_t { low, medium, high };
template <>
inline constexpr std::array<std::string_view, 3> words<SearchSize>{"low", "medium", "high"};
template <>
inline constexpr std::string_view word_noun<SearchSize> = "size";

/// Tokens. `input` includes `input_cached`, `cache_write` and `input_audio`, `cache_write` includes `cache_write_1h`;
/// `output` includes `reasoning` and `output_audio` (OpenAI's API reference, "usage"). `citations` stand beside both.
struct Usage {
  std::int64_t input = 0;
  std::int64_t input_cached = 0;
  std::int64_t cache_write = 0;
  std::int64_t output = 0;
  std::int64_t reasoning = 0;
  std::int64_t input_audio = 0;
  std::int64_t output_audio = 0;
  std::int64_t cache_write_1h = 0;  ///< to be kept for an hour
  std::int64_t citations = 0;       ///< of sources that the provider itself read (Perplexity)
  bool operator==(const Usage&) const = default;
};

/// A provider's figures by what they are of, before it is known which of them include which. 0: not said.
struct UsageReport {
  std::int64_t input = 0;
  std::int64_t output = 0;
  std::int64_t total = 0;
  std::int64_t cached = 0;
  std::int64_t missed = 0;  ///< of the input, what did not come from the cache
  std::int64_t written = 0;
  std::int64_t written_5m = 0;
  std::int64_t written_1h = 0;
  std::int64_t reasoning = 0;
  std::int64_t reasoning_beside = 0;  ///< named beside the output, not among its details
  std::int64_t input_audio = 0;
  std::int64_t output_audio = 0;
  std::int64_t citations = 0;
  std::int64_t searches = 0;                    ///< of the web
  std::int64_t unpriced = 0;                    ///< whatever else is billed that no price of ours is for
  std::optional<std::int64_t> cost_nano_usd{};  ///< what the provider says that the call costs
  std::optional<SearchSize> search_size{};
  bool anthropic = false;  ///< the input is named as Anthropic does, whose caches are beside it
};

/// What a call is billed for besides its tokens, and at which of the provider's services.
struct Extras {
  std::int64_t images = 0;                     ///< of the request
  std::int64_t searches = 0;                   ///< of the web
  std::optional<SearchSize> search_size = {};  ///< absent: medium, as where OpenAI's API is asked without one
  std::int64_t unpriced = 0;                   ///< above 0: the cost is not known
  std::string_view service_tier = {};          ///< flex, priority, batch, ...; empty: the usual one
};

}  // namespace triage
