#include "pipeline/live/breaker.hpp"

#include <algorithm>

namespace triage {

namespace {
// A probe whose result never came (because its caller was cancelled) does not keep the door shut forever.
constexpr std::chrono::seconds probe_patience{60};
constexpr std::uint32_t doublings_max = 16;
}  // namespace

Breaker::State Breaker::state(Time now) const noexcept {
  if (!ejected_) return State::closed;
  return now < open_until_ ? State::open : State::half_open;
}

bool Breaker::admits(Time now) const noexcept {
  if (now < cool_until_ || now < rest_until_) return false;
  switch (state(now)) {
    case State::closed: return true;
    case State::open: return false;
    case State::half_open: return !probing_ || now - probe_began_ > probe_patience;
  }
  return true;
}

Breaker::Time Breaker::admits_at() const noexcept {
  return std::max({cool_until_, rest_until_, ejected_ ? open_until_ : Time()});
}

void Breaker::rest(Time now, std::chrono::milliseconds asked) noexcept {
  rest_until_ = std::max(rest_until_, now + std::min(asked, spec_.rest_max));
}

std::chrono::milliseconds Breaker::rests(Time now) const noexcept {
  return rest_until_ == Time() ? std::chrono::milliseconds(0)
                               : std::chrono::ceil<std::chrono::milliseconds>(rest_until_ - now);
}

void Breaker::began(Time now) noexcept {
  if (state(now) != State::half_open) return;
  probing_ = true;
  probe_began_ = now;
}

void Breaker::roll_window(Time now) noexcept {
  if (now - window_begin_ < spec_.window) return;
  window_begin_ = now;
  window_calls_ = window_failures_ = 0;
}

void Breaker::succeeded(Time now) noexcept {
  roll_window(now);
  ++window_calls_;
  failures_in_a_row_ = 0;
  ejections_ = 0;
  if (ejected_) window_calls_ = window_failures_ = 0;
  ejected_ = probing_ = false;
}

void Breaker::failed(Time now) noexcept {
  roll_window(now);
  ++window_calls_;
  ++window_failures_;
  ++failures_in_a_row_;
  const bool probe_failed = state(now) == State::half_open;
  probing_ = false;
  const bool rate_reached = window_calls_ >= spec_.calls_min && window_failures_ >= spec_.rate * window_calls_;
  if (probe_failed || (!ejected_ && (failures_in_a_row_ >= spec_.consecutive || rate_reached))) eject(now);
}

void Breaker::ended(Time) noexcept {
  probing_ = false;
}

void Breaker::eject(Time now) noexcept {
  const auto grown = spec_.eject * (std::int64_t{1} << std::min(ejections_, doublings_max));
  open_until_ = now + std::min<std::chrono::milliseconds>(grown, spec_.eject_max);
  ++ejections_;
  ejected_ = true;
  failures_in_a_row_ = 0;
  window_calls_ = window_failures_ = 0;
}

RetryBudget::Slot& RetryBudget::slot(Time now) {
  const std::int64_t second = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  Slot& found = slots_[static_cast<std::size_t>(second) % slots];
  if (found.second != second) found = Slot{second, 0, 0};
  return found;
}

void RetryBudget::use(double share, std::uint32_t least) {
  const std::lock_guard lock(mutex_);
  share_ = share;
  least_ = least;
}

void RetryBudget::request(Time now) {
  const std::lock_guard lock(mutex_);
  ++slot(now).requests;
}

bool RetryBudget::take(Time now) {
  const std::lock_guard lock(mutex_);
  Slot& current = slot(now);
  std::uint64_t requests = 0;
  std::uint64_t retries = 0;
  for (const Slot& one : slots_) {
    if (one.second <= current.second - static_cast<std::int64_t>(slots)) continue;
    requests += one.requests;
    retries += one.retries;
  }
  const auto allowed =
      std::max<std::uint64_t>(least_, static_cast<std::uint64_t>(share_ * static_cast<double>(requests)));
  if (retries >= allowed) return false;
  ++current.retries;
  return true;
}

}  // namespace triage
