#pragma once
// What to do after an attempt failed. Pure: no clock, no I/O, no randomness of its own; Attempts carries it out.
//
//   retry     the same deployment again, after a pause: connection failures, 408, 5xx, a short rest (retry.wait)
//   fallback  the next candidate, at once: when the deployment's tries are used up, the retry budget is empty, the
//             provider asked for time, or a repetition could only fail again (time-outs, refused credentials)
//   wait      for whoever has rested first, where nobody else is left, up to retry.wait_max
//   give up   nothing left to try, or the request itself is at fault
//
// Candidates come in order: the tier's deployments, then the next tiers up. Those whose host is silent come last, and
// those that are ejected or cooling are passed over; if all are, the one that is out first is tried rather than none,
// but nobody who has asked for rest.

#include "pipeline/attempt/failure.hpp"
#include "triage/spec.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace triage {

class Failover {
 public:
  using Clock = std::chrono::steady_clock;
  using Time = Clock::time_point;

  /// What it needs to know of a candidate, asked again each time.
  struct Candidate {
    bool admitted = true;
    Time admitted_at{};                  ///< orders the candidates that are not admitted
    std::int64_t context_window = 0;     ///< tokens; 0: unknown
    bool able = true;                    ///< false: never asked
    std::chrono::milliseconds rests{0};  ///< how long it still rests, as it asked to; it is not called before
    bool aside = false;                  ///< its host is silent: others come first
    bool fits = false;                   ///< its window is known to hold the prompt by far
  };
  using Look = std::function<Candidate(std::size_t index)>;

  struct Step {
    std::size_t candidate = 0;
    std::chrono::milliseconds pause{0};
    bool retry = false;
  };

  Failover(std::size_t candidates, const RetrySpec& retry, Look look)
      : retry_(retry), look_(std::move(look)), tries_(candidates, 0) {}

  /// The first attempt; nullopt: all rest. There must be at least one candidate.
  std::optional<Step> first();

  /// If all able candidates rest, how long until the first of them has rested.
  [[nodiscard]] std::optional<std::chrono::milliseconds> rest_left() const;

  /// `remaining`: time to the request's deadline. `jitter`: uniform in [0, 1). `take_retry`: takes a retry from the
  /// budget, false if there is none; called only if a retry would be made.
  std::optional<Step> after(const Failure& failure, std::chrono::milliseconds remaining, double jitter,
                            const std::function<bool()>& take_retry);

  /// A second candidate while the current attempt is still silent: the next one that is admitted and was not tried.
  std::optional<std::size_t> hedge();

  /// From now on, the current attempt is the one at `candidate`.
  void settle_on(std::size_t candidate) noexcept { current_ = candidate; }
  [[nodiscard]] std::size_t current() const noexcept { return current_; }
  [[nodiscard]] bool tried(std::size_t candidate) const noexcept { return tries_[candidate] > 0; }

  /// Whether another candidate could still be tried if the current attempt failed.
  [[nodiscard]] bool may_change_candidate() const noexcept;

 private:
  // `too_small`: the window that did not hold the prompt; 0: not known. Absent: any window will do.
  [[nodiscard]] std::optional<std::size_t> untried(std::optional<std::int64_t> too_small = {}) const;
  Step go(std::size_t candidate, std::chrono::milliseconds pause, bool retry);
  [[nodiscard]] std::optional<Step> fallback(const Failure& failure);
  std::optional<Step> wait(std::chrono::milliseconds asked, std::chrono::milliseconds remaining,
                           const std::function<bool()>& take_retry);

  RetrySpec retry_;
  Look look_;
  std::vector<std::uint32_t> tries_;
  std::size_t current_ = 0;
};

}  // namespace triage
