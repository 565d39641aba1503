#pragma once
// Bounds the lines per second logged about requests, so that a flood of requests does not become a flood of lines.

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace triage {

/// Thread-safe. Counts by the clock's seconds, not over the last thousand milliseconds.
class LineBound {
 public:
  /// True for the first `most` calls within each second.
  bool take(std::uint32_t most, std::chrono::steady_clock::time_point now) noexcept;

 private:
  std::atomic<std::uint64_t> used_{0};  // the second in the upper half, the calls within it in the lower
};

/// Requests that succeeded, requests that failed, failed attempts. Each kind has its own bound, so that errors are not
/// drowned out.
enum class LineKind : std::uint8_t { ok, error, attempt };
inline constexpr std::array<std::string_view, 3> line_kinds{"ok", "error", "attempt"};
using LineBounds = std::array<LineBound, line_kinds.size()>;

}  // namespace triage
