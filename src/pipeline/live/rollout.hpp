#pragma once
// What requests read of an experiment's progress. The controller of the experiments writes it, and nobody else.

#include <atomic>

namespace triage {

struct Rollout {
  /// The part of the units that gets the treatment, 0..1. At 0 all get control: so it is before the start, after a
  /// rollback, and while paused. At 1 all get the treatment, and there is nothing left to compare.
  std::atomic<double> share{0};
};

}  // namespace triage
