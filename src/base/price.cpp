// usage.input  = [ plain | cached | cache_write | audio ]
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

constexpr std::optional<Rate> Rates::*kinds[] = {&Rates::input,       &Rates::output,    &Rates::input_cached,
                                                 &Rates::cache_write, &Rates::reasoning, &Rates::input_audio,
                                                 &Rates::output_audio};

Rates rates_for(const Price& price, std::int64_t input) noexcept {
  Rates rates = price;
  for (const auto kind : kinds) {
    std::int64_t highest = -1;
    for (const PriceStep& step : price.steps) {
      if (input <= step.above || step.above <= highest || !(step.*kind)) continue;
      highest = step.above;
      rates.*kind = step.*kind;
    }
  }
  return rates;
}

}  // namespace

std::optional<std::int64_t> cost_nano_usd(const Price& price, const Usage& usage, std::int64_t images) noexcept {
  if (!price.input || !price.output) return std::nullopt;
  const Rates rates = rates_for(price, usage.input);
  Count input(usage.input);
  Count output(usage.output);
  Bill bill;
  bill.add(input.take(usage.input_cached), rates.input_cached, rates.input);
  bill.add(input.take(usage.cache_write), rates.cache_write, rates.input);
  bill.add(input.take(usage.input_audio), rates.input_audio, std::nullopt);
  bill.add(input.rest(), rates.input, std::nullopt);
  bill.add(output.take(usage.reasoning), rates.reasoning, rates.output);
  bill.add(output.take(usage.output_audio), rates.output_audio, std::nullopt);
  bill.add(output.rest(), rates.output, std::nullopt);
  bill.add(billed(images), price.image);
  bill.add(1, price.request);
  return bill.nano_usd();
}

}  // namespace triage
