#pragma once
// What an attempt costs. Exact: rates are integers, the sum is made in 128 bits and rounded once.

#include "triage/usage.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace triage {

/// Femto-USD (1e-15) per token: 1 USD per million tokens is 1'000'000'000.
struct Rate {
  std::int64_t femto_usd = 0;
  bool operator==(const Rate&) const = default;
};

/// Femto-USD per item: 1 USD is 1'000'000'000'000'000.
struct Charge {
  std::int64_t femto_usd = 0;
  bool operator==(const Charge&) const = default;
};

/// Rates by kind of token. Absent means unknown, which is not the same as a rate of 0.
struct Rates {
  std::optional<Rate> input;           ///< absent: no cost is known
  std::optional<Rate> output;          ///< absent: no cost is known; 0 for models without output (embeddings)
  std::optional<Rate> input_cached;    ///< absent: as input
  std::optional<Rate> cache_write;     ///< absent: as input
  std::optional<Rate> cache_write_1h;  ///< absent: the cost of a call with such tokens is unknown
  std::optional<Rate> reasoning;       ///< absent: as output
  std::optional<Rate> input_audio;     ///< as cache_write_1h
  std::optional<Rate> output_audio;    ///< as cache_write_1h
  std::optional<Rate> citations;       ///< as cache_write_1h
  bool operator==(const Rates&) const = default;
};

/// Above `above` input tokens (exclusive) these rates apply to the whole request; absent ones stay as they were.
struct PriceStep : Rates {
  std::int64_t above = 0;
  bool operator==(const PriceStep&) const = default;
};

/// The price of calls that a provider serves sooner, later or in batches. Nothing is taken from the usual price.
struct ServiceTierPrice : Rates {
  std::string name;  ///< as requests and answers call it: flex, priority, batch
  std::vector<PriceStep> steps;
  bool operator==(const ServiceTierPrice&) const = default;
};

/// Per search of the web, by the size of its context. Absent: the cost of a call with such a search is unknown.
struct SearchCharges {
  std::optional<Charge> low;
  std::optional<Charge> medium;
  std::optional<Charge> high;
  bool operator==(const SearchCharges&) const = default;
};

struct Price : Rates {
  std::vector<PriceStep> steps;  ///< in any order; all that are passed apply, the highest last
  std::optional<Charge> image;   ///< per image of the request, besides its tokens; absent: none
  std::optional<Charge> request;
  SearchCharges search;
  std::vector<ServiceTierPrice> service_tiers;
  bool operator==(const Price&) const = default;
};

/// Larger counts are clamped to this one, so that no sum overflows.
inline constexpr std::int64_t billed_tokens_max = std::int64_t{1} << 48;

/// What one attempt with this usage costs, in nano-USD:
///
///   (input - input_cached - cache_write - input_audio) * rate.input + input_cached * rate.input_cached + ...
///   + (output - reasoning - output_audio) * rate.output + reasoning * rate.reasoning + ...
///   + citations * rate.citations + images * image + searches * search + request
///
/// in femto-USD, then divided by a million and rounded half up, once. If the counts contradict each other, no token is
/// billed twice: cached, written and audio tokens (in this order) count only as far as `input` reaches, reasoning and
/// audio only as far as `output` does; negative counts are 0. nullopt: a needed rate is unknown, or the service tier
/// has no price; if only the usual price has steps, a tier's cost is known below the first of them. A cost above 2^63 -
/// 1 is clamped to it.
std::optional<std::int64_t> cost_nano_usd(const Price& price, const Usage& usage, const Extras& extras = {}) noexcept;

}  // namespace triage
