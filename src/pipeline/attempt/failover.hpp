#pragma once
// What to do after an attempt failed. Pure: no clock, no I/O, no randomness of its own; Attempts carries it out.
//
//   retry     the same deployment again, after a pause: connection failures, 408, 429, 5xx
//   fallback  the next candidate, at once: when the deployment's tries are used up, the retry budget is empty, the
//             provider asked for time, or a repetition could only fail again (time-outs, refused credentials)
//   give up   nothing left to try, or the request itself is at fault
//
// Candidates come in order: the tier's deployments, then the next tiers up. Those that are ejected or cooling are
// passed over; if all are, the one that is out first is tried rather than none.

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
    Time admitted_at{};               ///< orders the candidates that are not admitted
    std::int64_t context_window = 0;  ///< tokens; 0: unknown
    bool able = true;                 ///< false: never asked
    bool rests = false;               ///< it asked not to be called before `admitted_at`
  };
  using Look = std::function<Candidate(std::size_t index)>;

  struct Step {
    std::size_t candidate = 0;
    std::chrono::milliseconds pause{0};
    bool retry = false;
  };

  Failover(std::size_t candidates, const RetrySpec& retry, Look look)
      : retry_(retry), look_(std::move(look)), tries_(candidates, 0) {}

  /// The first attempt. There must be at least one candidate.
  Step first();

  /// If all able candidates rest, when the first of them will have rested.
  [[nodiscard]] std::optional<Time> rest_until() const;

  /// `remaining`: time to the request's deadline. `jitter`: uniform in [0, 1). `take_retry`: takes a retry from the
  /// budget, false if there is none; called only if a retry would be made.
  std::optional<Step> after(const Failure& failure, std::chrono::milliseconds remaining, double jitter,
                            const std::function<bool()>& take_retry);

  /// A second candidate while the current attempt is still silent: the next one that is admitted and was not tried.
  std::optional<std::size_t> hedge();

  /// From now on, the current attempt is the one at `candidate`.
  void settle_on(std::size_t candidate) noexcept { current_ = candidate; }

  /// Whether another candidate could still be tried if the current attempt failed.
  [[nodiscard]] bool may_change_candidate() const noexcept;

 private:
  std::optional<std::size_t> untried(std::int64_t window_above) const;
  Step go(std::size_t candidate, std::chrono::milliseconds pause, bool retry);
  [[nodiscard]] std::optional<Step> fallback(const Failure& failure);

  RetrySpec retry_;
  Look look_;
  std::vector<std::uint32_t> tries_;
  std::size_t current_ = 0;
};

}  // namespace triage
