#include "pipeline/attempt/failover.hpp"

#include <algorithm>

namespace triage {

using std::chrono::milliseconds;

Failover::Step Failover::go(std::size_t candidate, milliseconds pause, bool retry) {
  current_ = candidate;
  ++tries_[candidate];
  return Step{candidate, pause, retry};
}

// The first admitted candidate in order; if none is, the first at a silent host; if none is, the one that will be
// admitted first.
//
// If a window was too small for the prompt: only a window that is known to be larger, or to hold the prompt by far. The
// latter may be as large as the first: then the first deployment's window is not what the configuration says.
std::optional<std::size_t> Failover::untried(std::optional<std::int64_t> too_small) const {
  std::optional<std::size_t> aside;
  std::optional<std::size_t> least_bad;
  Time least_bad_at = Time::max();
  for (std::size_t i = 0; i < tries_.size(); ++i) {
    if (tries_[i] > 0) continue;
    const Candidate seen = look_(i);
    if (!seen.able || seen.rests > milliseconds(0)) continue;
    const bool larger = !too_small || (*too_small > 0 && seen.context_window > *too_small);
    if (!larger && !seen.fits) continue;
    if (seen.admitted && !seen.aside) return i;
    if (seen.admitted && !aside) aside = i;
    if (seen.admitted || seen.admitted_at >= least_bad_at) continue;
    least_bad = i;
    least_bad_at = seen.admitted_at;
  }
  return aside ? aside : least_bad;
}

std::optional<milliseconds> Failover::rest_left() const {
  std::optional<milliseconds> soonest;
  for (std::size_t i = 0; i < tries_.size(); ++i) {
    const Candidate seen = look_(i);
    if (!seen.able) continue;
    if (seen.rests <= milliseconds(0)) return std::nullopt;
    soonest = std::min(soonest.value_or(seen.rests), seen.rests);
  }
  return soonest;
}

std::optional<Failover::Step> Failover::first() {
  const auto next = untried();
  if (!next) return std::nullopt;
  return go(*next, milliseconds(0), false);
}

std::optional<std::size_t> Failover::hedge() {
  for (std::size_t i = 0; i < tries_.size(); ++i) {
    if (tries_[i] > 0) continue;
    const Candidate seen = look_(i);
    if (!seen.admitted || seen.aside) continue;
    ++tries_[i];
    return i;
  }
  return std::nullopt;
}

bool Failover::may_change_candidate() const noexcept {
  return std::ranges::any_of(tries_, [](std::uint32_t tries) { return tries == 0; });
}

std::optional<Failover::Step> Failover::fallback(const Failure& failure) {
  std::optional<std::int64_t> too_small;
  if (failure.remedy == Remedy::larger_window) too_small = look_(current_).context_window;
  const auto next = untried(too_small);
  if (!next) return std::nullopt;
  return go(*next, milliseconds(0), false);
}

std::optional<Failover::Step> Failover::wait(milliseconds asked, milliseconds remaining,
                                             const std::function<bool()>& take_retry) {
  std::optional<std::size_t> first;
  milliseconds pause = milliseconds::max();
  for (std::size_t i = 0; i < tries_.size(); ++i) {
    const Candidate seen = look_(i);
    const milliseconds left = i == current_ ? asked : seen.rests;
    if (!seen.able || tries_[i] >= retry_.attempts || left <= milliseconds(0) || left >= pause) continue;
    first = i;
    pause = left;
  }
  if (!first || pause > retry_.wait_max || pause >= remaining || !take_retry()) return std::nullopt;
  return go(*first, pause, *first == current_);
}

std::optional<Failover::Step> Failover::after(const Failure& failure, milliseconds remaining, double jitter,
                                              const std::function<bool()>& take_retry) {
  if (failure.remedy == Remedy::none) return std::nullopt;
  if (failure.remedy != Remedy::anywhere) return fallback(failure);
  const std::uint32_t tried = tries_[current_];
  const auto again = [&](milliseconds pause) -> std::optional<Step> {
    if (tried >= retry_.attempts || pause >= remaining || !look_(current_).able || !take_retry()) return std::nullopt;
    return go(current_, pause, true);
  };
  if (failure.retry_after) {
    const milliseconds asked = std::max(*failure.retry_after, milliseconds(1));
    if (failure.asked && asked <= retry_.wait)
      if (auto step = again(asked)) return step;
    if (auto step = fallback(failure)) return step;
    return wait(asked, remaining, take_retry);
  }
  if (failure.elsewhere)
    if (auto step = fallback(failure)) return step;
  // Exponential, with full jitter.
  const milliseconds ceiling =
      std::min<milliseconds>(retry_.backoff * (std::int64_t{1} << std::min(tried - 1, 16U)), retry_.backoff_max);
  if (auto step = again(milliseconds(static_cast<std::int64_t>(jitter * static_cast<double>(ceiling.count())))))
    return step;
  return fallback(failure);
}

}  // namespace triage
