#include "experiment/guard.hpp"

#include <algorithm>

namespace triage::experiment {
namespace {

constexpr std::uint8_t treated_bit = 0x80;
constexpr std::uint8_t first_bit = 0x40;  // the unit's first window of all
constexpr std::int64_t begin_unit_ms = 100;
constexpr double nano_usd = 1e9;

std::uint32_t number_of(const Window& window) noexcept {
  return window.number & static_cast<std::uint8_t>(~(treated_bit | first_bit));
}
static_assert(statistics::GuardrailTest::numbers_max < first_bit);

}  // namespace

Guard::Guard(const GuardrailSpec& spec, std::int64_t window_ms)
    : spec_(spec),
      window_ms_(window_ms),
      test_(spec.margin, larger_is_better(spec.signal)),
      not_worse_(spec.margin, larger_is_better(spec.signal)),
      cost_(spec.cap_usd * nano_usd) {}

std::optional<double> Guard::outcome_of(double value) const {
  if (spec_.signal == QualitySignal::latency) return latency_.outcome(value);
  if (spec_.signal == QualitySignal::cost) return cost_.outcome(value);
  return std::clamp(value, 0.0, 1.0);
}

// What control's requests take and cost is what later ones are compared with.
void Guard::learn(double value) {
  if (spec_.signal == QualitySignal::latency) latency_.learn(value);
  if (spec_.signal == QualitySignal::cost) cost_.learn(value);
}

std::optional<Effect> Guard::effect(double alpha) const {
  if (difference_.units() == 0) return std::nullopt;
  const statistics::Interval interval = difference_.interval(alpha);
  return Effect{difference_.estimate(), interval.low, interval.high};
}

std::optional<std::uint8_t> Guard::share_number(double share) {
  const auto found = std::ranges::find(shares_, share);
  if (found != shares_.end()) return static_cast<std::uint8_t>(found - shares_.begin());
  if (shares_.size() > std::numeric_limits<std::uint8_t>::max()) return std::nullopt;
  shares_.push_back(share);
  return static_cast<std::uint8_t>(shares_.size() - 1);
}

std::int64_t Guard::end_of(const Window& window) const noexcept {
  const std::uint32_t doublings = std::min(number_of(window) - 1, 30U);
  return window.begin * begin_unit_ms + (window_ms_ << doublings);
}

void Guard::add(std::uint32_t unit, bool treated, double share, double value, std::int64_t clock_ms) {
  if (!(share > 0 && share < 1)) return;
  const auto number = share_number(share);
  if (!number) return;
  if (windows_.size() <= unit) windows_.resize(unit + 1UL);
  Window& window = windows_[unit];
  const bool was_treated = (window.number & treated_bit) != 0;
  const bool late = window.number != 0 && share < shares_[window.share];  // of before the share rose
  if (!late && window.count > 0 && (was_treated != treated || window.share != *number)) close(window);
  const auto outcome = outcome_of(value);
  if (window.count == 0 && !treated) learn(value);  // once a window: nobody who asks often is his own measure
  if (!outcome) return;
  ArmOutcomes& arm = arms_[treated ? 1 : 0];
  ++arm.count;
  arm.sum += *outcome;
  if (late) return;
  if (window.count == 0 && !open(window, treated, *number, clock_ms)) return;
  if (window.count == std::numeric_limits<std::uint16_t>::max()) return;  // its mean is known well enough
  ++window.count;
  window.sum += static_cast<float>(*outcome);
  if (window_ms_ == 0) return close(window);
  earliest_end_ = std::min(earliest_end_, end_of(window));
}

// False: the unit has had all windows that there are. Its share never falls, so that it has each number once at each.
bool Guard::open(Window& window, bool treated, std::uint8_t share, std::int64_t clock_ms) {
  const bool first = window.number == 0;
  const std::uint32_t number = share == window.share ? number_of(window) + 1 : 1;
  if (number > statistics::GuardrailTest::numbers_max) return false;
  window = {0, static_cast<std::uint32_t>(clock_ms / begin_unit_ms), 0,
            static_cast<std::uint8_t>(number | (treated ? treated_bit : 0) | (first ? first_bit : 0)), share};
  return true;
}

void Guard::close(Window& window) {
  const double mean = static_cast<double>(window.sum) / window.count;
  const statistics::Observation seen{(window.number & treated_bit) != 0, shares_[window.share], mean};
  const bool first = (window.number & first_bit) != 0;
  test_.add({first, window.share + 1U, number_of(window)}, seen);
  if (first) {
    not_worse_.add(seen);
    difference_.add(seen);
  }
  window.count = 0;
  window.sum = 0;
}

// In the order of the units' first sightings, which nothing that is measured here can change.
void Guard::advance(std::int64_t clock_ms) {
  if (clock_ms < earliest_end_) return;
  earliest_end_ = never;
  for (Window& window : windows_) {
    if (window.count == 0) continue;
    if (const std::int64_t end = end_of(window); end > clock_ms)
      earliest_end_ = std::min(earliest_end_, end);
    else
      close(window);
  }
}

}  // namespace triage::experiment
