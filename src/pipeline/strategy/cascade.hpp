#pragma once
// What a cascade does next. Pure: no clock, no I/O, no verdict of its own; run_cascade.cpp carries it out.
//
//            .------------------ escalate -----------------.
//            v                                             |
//   call tier n, held --answered--> verify --rejected--> a tier above, an escalation left, time left?
//     |    |     |                      |                  |
//     |    |     '--sent: done          '--accepted        '-- no
//     |    '--rejected by its prefix                |      |
//     |       --> escalate                          v      v
//     '--failed --> an answer was held before? --> release it: done
//                        '-- no --> fail
//
// A tier is here its index among the plan's tiers. The last tier that can be reached is never held: its answer goes to
// the client as it comes. A rejected answer is kept until a better one has come: it is better than an error.

#include <cstddef>
#include <cstdint>

namespace triage {

class Cascade {
 public:
  enum class Act : std::uint8_t {
    call,     ///< ask that tier, and those above it if it fails
    verify,   ///< verify the held answer
    release,  ///< give the client the held answer
    done,     ///< the client has its answer
    fail      ///< tell the client of the failure
  };
  struct Step {
    Act act = Act::call;
    std::size_t tier = 0;
  };

  /// How a call ended.
  enum class Called : std::uint8_t {
    held,      ///< its answer is held, whole
    rejected,  ///< its answer was cut off and lost, because its beginning was rejected
    sent,      ///< the client has its answer, or the beginning of one
    failed
  };

  /// `tiers` >= 1. With `forced`, the first escalation happens without a verdict.
  Cascade(std::size_t tiers, std::uint32_t escalations_max, bool forced);

  [[nodiscard]] Step start() const;
  /// `tier` is the one that answered, which may be above the one asked.
  Step called(Called how, std::size_t tier);
  Step verified(bool accepted, bool time_left);

  /// Whether an answer of that tier must be held, because another could still be asked for.
  [[nodiscard]] bool holds(std::size_t tier) const noexcept;
  [[nodiscard]] std::uint32_t escalations() const noexcept { return escalations_; }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  Step escalate();
  [[nodiscard]] Step settle() const;

  std::size_t tiers_;
  std::uint32_t escalations_max_;
  std::uint32_t escalations_ = 0;
  std::size_t tier_ = 0;
  std::size_t held_ = none;  // the tier whose answer is held
};

}  // namespace triage
