#include "pipeline/attempt/failover.hpp"

#include <algorithm>

namespace triage {

using std::chrono::milliseconds;

Failover::Step Failover::go(std::size_t candidate, milliseconds pause, bool retry) {
  current_ = candidate;
  ++tries_[candidate];
  return Step{candidate, pause, retry};
}

// The first admitted candidate in order; if none is, the one that will be admitted first.
std::optional<std::size_t> Failover::untried(std::int64_t window_above) const {
  std::optional<std::size_t> least_bad;
  Time least_bad_at = Time::max();
  for (std::size_t i = 0; i < tries_.size(); ++i) {
    if (tries_[i] > 0) continue;
    const Candidate seen = look_(i);
    if (!seen.able) continue;
    if (window_above > 0 && seen.context_window <= window_above) continue;
    if (seen.admitted) return i;
    if (seen.admitted_at >= least_bad_at) continue;
    least_bad = i;
    least_bad_at = seen.admitted_at;
  }
  return least_bad;
}

std::optional<Failover::Time> Failover::rest_until() const {
  std::optional<Time> soonest;
  for (std::size_t i = 0; i < tries_.size(); ++i) {
    const Candidate seen = look_(i);
    if (seen.able && !seen.rests) return std::nullopt;
    if (seen.able) soonest = std::min(soonest.value_or(seen.admitted_at), seen.admitted_at);
  }
  return soonest;
}

Failover::Step Failover::first() {
  return go(untried(0).value_or(0), milliseconds(0), false);
}

std::optional<std::size_t> Failover::hedge() {
  for (std::size_t i = 0; i < tries_.size(); ++i) {
    if (tries_[i] > 0 || !look_(i).admitted) continue;
    ++tries_[i];
    return i;
  }
  return std::nullopt;
}

bool Failover::may_change_candidate() const noexcept {
  return std::ranges::any_of(tries_, [](std::uint32_t tries) { return tries == 0; });
}

std::optional<Failover::Step> Failover::fallback(const Failure& failure) {
  std::int64_t window_above = 0;
  if (failure.remedy == Remedy::larger_window) {
    window_above = look_(current_).context_window;
    if (window_above == 0) return std::nullopt;  // unknown, so no window is known to be larger
  }
  const auto next = untried(window_above);
  if (!next) return std::nullopt;
  return go(*next, milliseconds(0), false);
}

std::optional<Failover::Step> Failover::after(const Failure& failure, milliseconds remaining, double jitter,
                                              const std::function<bool()>& take_retry) {
  if (failure.remedy == Remedy::none) return std::nullopt;
  if (failure.remedy != Remedy::anywhere) return fallback(failure);
  const std::uint32_t tried = tries_[current_];
  // Exponential, with full jitter; the provider's own wish takes precedence.
  const milliseconds ceiling =
      std::min<milliseconds>(retry_.backoff * (std::int64_t{1} << std::min(tried - 1, 16U)), retry_.backoff_max);
  const milliseconds jittered(static_cast<std::int64_t>(jitter * static_cast<double>(ceiling.count())));
  const milliseconds pause = failure.retry_after ? std::max(*failure.retry_after, milliseconds(1)) : jittered;
  if ((failure.retry_after || failure.elsewhere) && may_change_candidate()) {
    if (auto step = fallback(failure)) return step;
  }
  if (tried < retry_.attempts && pause < remaining && look_(current_).able && take_retry())
    return go(current_, pause, true);
  return fallback(failure);
}

}  // namespace triage
