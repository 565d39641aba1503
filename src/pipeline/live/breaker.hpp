#pragma once
// Whether a deployment is worth asking. Pure: time comes in as an argument. There is one per deployment, kept by name
// across reloads. Breaker is the state; GuardedBreaker is the thread-safe version.
//
//   closed --(failures in a row, or failure rate)--> open --(ejection over)--> half-open --(probe succeeds)--> closed
//                                                      ^------(probe fails: ejected for twice as long)--'
//
// A provider that answers 429 is cooling for a moment, which is not a failure. One that asks for a rest (Retry-After)
// gets it, up to rest_max. Nygard, "Release It!" (2007), 5.2; Envoy's outlier detection for the growing ejection.

#include "triage/spec.hpp"

#include <chrono>
#include <mutex>

namespace triage {

class Breaker {
 public:
  using Clock = std::chrono::steady_clock;
  using Time = Clock::time_point;

  enum class State : std::uint8_t { closed, open, half_open };

  explicit Breaker(BreakerSpec spec = {}) : spec_(spec) {}

  /// Applies other limits from now on. Counts stay, and a current ejection keeps its length.
  void use(const BreakerSpec& spec) noexcept { spec_ = spec; }

  /// Whether a call may be made now. In the half-open state only one call at a time may, and its result decides.
  [[nodiscard]] bool admits(Time now) const noexcept;

  /// When it will admit a call again, if nothing else happens; `now` or earlier if it already does. Orders the ejected
  /// ones.
  [[nodiscard]] Time admits_at() const noexcept;

  /// A call begins. Each must end in exactly one of the three calls below.
  void began(Time now) noexcept;
  void succeeded(Time now) noexcept;
  void failed(Time now) noexcept;
  /// The call ended without saying anything about the deployment: the client left, or the request was at fault.
  void ended(Time now) noexcept;

  /// The deployment should not be called until `time`.
  void cool_until(Time time) noexcept { cool_until_ = std::max(cool_until_, time); }
  /// The provider asked not to be called for so long. It gets at most rest_max.
  void rest(Time now, std::chrono::milliseconds asked) noexcept;
  /// How long it still rests, as it asked to; zero or less: it does not.
  [[nodiscard]] std::chrono::milliseconds rests(Time now) const noexcept;

  [[nodiscard]] State state(Time now) const noexcept;

 private:
  void roll_window(Time now) noexcept;
  void eject(Time now) noexcept;

  BreakerSpec spec_;
  Time window_begin_{};
  std::uint32_t window_calls_ = 0;
  std::uint32_t window_failures_ = 0;
  std::uint32_t failures_in_a_row_ = 0;
  std::uint32_t ejections_ = 0;  // since the last success
  bool ejected_ = false;
  bool probing_ = false;
  Time probe_began_{};
  Time open_until_{};
  Time cool_until_{};
  Time rest_until_{};
};

class GuardedBreaker {
 public:
  explicit GuardedBreaker(BreakerSpec spec) : breaker_(spec) {}

  template <class F>
  auto with(F&& use) {
    const std::lock_guard lock(mutex_);
    return use(breaker_);
  }

 private:
  std::mutex mutex_;
  Breaker breaker_;
};

/// How many retries there may be: a share of the requests of the last ten seconds, and a few in any case, so that
/// retries cannot become the load. Thread-safe. (Finagle's retry budget.)
class RetryBudget {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `share`: retries per request, 0..1; `least`: retries allowed in any window.
  RetryBudget(double share, std::uint32_t least) : share_(share), least_(least) {}

  /// Applies other limits from now on; counts stay.
  void use(double share, std::uint32_t least);

  void request(Time now);
  /// Takes one retry out of the budget; false if there is none left.
  bool take(Time now);

 private:
  static constexpr std::chrono::seconds slot_length{1};
  static constexpr std::size_t slots = 10;
  struct Slot {
    std::int64_t second = -1;
    std::uint32_t requests = 0;
    std::uint32_t retries = 0;
  };
  Slot& slot(Time now);

  std::mutex mutex_;
  double share_;
  std::uint32_t least_;
  std::array<Slot, slots> slots_;
};

}  // namespace triage
