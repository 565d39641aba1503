#pragma once
// How many lines a second are logged about requests, so that a flood of them is none of lines.

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace triage {

/// Thread safe; seconds are those of the clock, not the last thousand milliseconds.
class LineBound {
 public:
  /// True for the first `most` calls within each second.
  bool take(std::uint32_t most, std::chrono::steady_clock::time_point now) noexcept;

 private:
  std::atomic<std::uint64_t> used_{0};  // the second in the upper half, how many of it in the lower
};

/// Requests that ended well, those that did not, attempts that failed: each has a bound of its own, so that errors are
/// not drowned.
enum class LineKind : std::uint8_t { ok, error, attempt };
inline constexpr std::array<std::string_view, 3> line_kinds{"ok", "error", "attempt"};
using LineBounds = std::array<LineBound, line_kinds.size()>;

}  // namespace triage
