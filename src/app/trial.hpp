#pragma once
// A configuration made live but not served, to ask the serving code what it would do.

#include "pipeline/live/build_snapshot.hpp"

#include <memory>
#include <string>

namespace triage {

class Trial {
 public:
  /// Like build_snapshot().
  Trial(ConfigSpec spec, std::string version)
      : snapshot_(build_snapshot(std::move(spec), std::move(version), metrics_, live_state_)) {}

  [[nodiscard]] const Snapshot& snapshot() const noexcept { return *snapshot_; }
  LiveState& live_state() noexcept { return live_state_; }

 private:
  Metrics metrics_;
  LiveState live_state_;
  std::shared_ptr<const Snapshot> snapshot_;
};

}  // namespace triage
