#pragma once
// Durations and sizes in the configuration.

#include <chrono>
#include <cstdint>

namespace triage {

using std::chrono::milliseconds;

/// A size in the YAML: `16KiB`, `20MiB`, `512B`.
struct ByteSize {
  std::uint64_t bytes = 0;
  bool operator==(const ByteSize&) const = default;
};

}  // namespace triage
