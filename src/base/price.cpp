// usage.input  = [ plain | cached | cache_write | cache_write_1h | audio ]
// usage.output = [ plain | reasoning | audio ]
// cost         = sum of part * rate, plus the charges: in femto-USD, 128 bits. Tokens < 2^48, rates < 2^63: < 2^114.
#include "triage/price.hpp"

#include <algorithm>
#include <limits>

namespace triage {
namespace {

__extension__ using Wide = __int128;

constexpr Wide femto_per_nano = 1'000'000;

std::int64_t billed(std::int64_t count) noexcept {
  return std::clamp<std::int64_t>(count, 0, billed_tokens_max);
}

/// Splits parts off a count until nothing is left of it.
class Count {
 public:
  explicit Count(std::int64_t all) noexcept : left_(billed(all)) {}
  std::int64_t take(std::int64_t part) noexcept {
    const std::int64_t taken = std::min(billed(part), left_);
    left_ -= taken;
    return taken;
  }
  [[nodiscard]] std::int64_t rest() const noexcept { return left_; }

 private:
  std::int64_t left_;
};

class Bill {
 public:
  void add(std::int64_t count, const std::optional<Rate>& rate, const std::optional<Rate>& otherwise) noexcept {
    if (count == 0) return;
    const std::optional<Rate>& known = rate ? rate : otherwise;
    if (!known)
      unknown_ = true;
    else
      sum_ += Wide{count} * known->femto_usd;
  }
  void add(std::int64_t count, const std::optional<Charge>& charge) noexcept {
    if (charge) sum_ += Wide{count} * charge->femto_usd;
  }
  [[nodiscard]] std::optional<std::int64_t> nano_usd() const noexcept {
    if (unknown_) return std::nullopt;
    const Wide rounded = (sum_ + femto_per_nano / 2) / femto_per_nano;
    return static_cast<std::int64_t>(std::min<Wide>(rounded, std::numeric_limits<std::int64_t>::max()));
  }

 private:
  Wide sum_ = 0;
  bool unknown_ = false;
};

constexpr std::optional<Rate> Rates::*kinds[] = {&Rates::input,        &Rates::output,         &Rates::input_cached,
                                                 &Rates::cache_write,  &Rates::reasoning,      &Rates::input_audio,
                                                 &Rates::output_audio, &Rates::cache_write_1h, &Rates::citations};

Rates stepped(const Rates& base, const std::vector<PriceStep>& steps, std::int64_t input) noexcept {
  Rates rates = base;
  if (steps.empty()) return rates;
  for (const auto kind : kinds) {
    std::int64_t highest = -1;
    for (const PriceStep& step : steps) {
      if (input <= step.above || step.above <= highest || !(step.*kind)) continue;
      highest = step.above;
      rates.*kind = step.*kind;
    }
  }
  return rates;
}

/// The names that providers have for serving a call as usual, or for not saying how.
bool is_usual(std::string_view service_tier) noexcept {
  if (service_tier.empty()) return true;
  for (const std::string_view name : {"default", "standard", "auto", "on_demand"})
    if (service_tier == name) return true;
  return false;
}

/// Without `input` if they are not known.
Rates rates_for(const Price& price, std::int64_t input, std::string_view service_tier) noexcept {
  if (is_usual(service_tier)) return stepped(price, price.steps, input);
  if (service_tier == "fast") service_tier = "priority";  // OpenAI's newer name of it
  const auto tier = std::ranges::find(price.service_tiers, service_tier, &ServiceTierPrice::name);
  if (tier == price.service_tiers.end()) return {};
  const auto passed = [&](const PriceStep& step) { return input > step.above; };
  if (tier->steps.empty() && std::ranges::any_of(price.steps, passed)) return {};
  return stepped(*tier, tier->steps, input);
}

std::optional<Charge> charge_for(const SearchCharges& charges, SearchSize size) noexcept {
  switch (size) {
    case SearchSize::low: return charges.low;
    case SearchSize::medium: return charges.medium;
    case SearchSize::high: return charges.high;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::int64_t> cost_nano_usd(const Price& price, const Usage& usage, const Extras& extras) noexcept {
  const Rates rates = rates_for(price, usage.input, extras.service_tier);
  if (!rates.input || !rates.output || extras.unpriced > 0) return std::nullopt;
  Count input(usage.input);
  Count output(usage.output);
  Bill bill;
  bill.add(input.take(usage.input_cached), rates.input_cached, rates.input);
  const std::int64_t hour = std::min(billed(usage.cache_write_1h), billed(usage.cache_write));
  bill.add(input.take(billed(usage.cache_write) - hour), rates.cache_write, rates.input);
  bill.add(input.take(hour), rates.cache_write_1h, std::nullopt);
  bill.add(input.take(usage.input_audio), rates.input_audio, std::nullopt);
  bill.add(input.rest(), rates.input, std::nullopt);
  bill.add(output.take(usage.reasoning), rates.reasoning, rates.output);
  bill.add(output.take(usage.output_audio), rates.output_audio, std::nullopt);
  bill.add(output.rest(), rates.output, std::nullopt);
  bill.add(billed(usage.citations), rates.citations, std::nullopt);
  bill.add(billed(extras.images), price.image);
  bill.add(1, price.request);
  if (extras.searches > 0) {
    const auto charge = charge_for(price.search, extras.search_size.value_or(SearchSize::medium));
    if (!charge) return std::nullopt;
    bill.add(billed(extras.searches), charge);
  }
  return bill.nano_usd();
}

}  // namespace triage
