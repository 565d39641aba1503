#pragma once
// What a cascade does next. Pure: no clock, no I/O, no verdict of its own; handle_cascade.cpp performs what it says.
//
//            .------------------ escalate -----------------.
//            v                                             |
//   call stage n, held --answered--> verify --rejected--> a stage above, an escalation left, time left?
//     |    |     |                      |                  |
//     |    |     '--sent: done          '--accepted        '-- no
//     |    '--rejected by its prefix                |      |
//     |       --> escalate                          v      v
//     '--failed --> an answer was held before? --> release it: done
//                        '-- no --> fail
//
// Stages are the tiers of the plan, in its order. The last one that can be reached is never held: its answer goes to
// the client as it comes. A rejected answer is kept until a better one has come: it is better than an error.

#include <cstddef>
#include <cstdint>

namespace triage {

class Cascade {
 public:
  enum class Act : std::uint8_t {
    call,     ///< ask stage `stage`, and the ones above it if it fails
    verify,   ///< the answer that is held
    release,  ///< give the client the answer that is held
    done,     ///< the client has its answer
    fail      ///< tell the client of the failure
  };
  struct Step {
    Act act = Act::call;
    std::size_t stage = 0;
  };

  /// How a call ended.
  enum class Called : std::uint8_t {
    held,      ///< its answer is held, whole
    rejected,  ///< its answer was cut off because its beginning was no good; it is lost
    sent,      ///< the client has its answer, or the beginning of one
    failed
  };

  /// `stages` >= 1. `forced`: the first escalation is made without asking.
  Cascade(std::size_t stages, std::uint32_t escalations_max, bool forced);

  [[nodiscard]] Step start() const;
  /// `stage`: that answered, which may be above the one that was asked.
  Step called(Called how, std::size_t stage);
  Step verified(bool accepted, bool time_left);

  /// Whether an answer of that stage has to be held: another could still be asked for.
  [[nodiscard]] bool holds(std::size_t stage) const noexcept;
  [[nodiscard]] std::uint32_t escalations() const noexcept { return escalations_; }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  Step escalate();
  [[nodiscard]] Step settle() const;

  std::size_t stages_;
  std::uint32_t escalations_max_;
  std::uint32_t escalations_ = 0;
  std::size_t stage_ = 0;
  std::size_t held_ = none;  // the stage whose answer is held
};

}  // namespace triage
