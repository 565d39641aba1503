#pragma once
// What is known of an answer's quality once it has been given: the names that guardrails, SLOs and reports share.
// docs/quality.md says where each comes from.

#include "triage/words.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace triage {

/// Each is a number in [0,1] per request. `feedback`, `task_completed` and `judge` are known for some requests only,
/// and later; the others are known when the request ends. `latency` and `cost` become numbers in [0,1] by comparison
/// with control (docs/statistics.md).
enum class QualitySignal : std::uint8_t {
  feedback,
  task_completed,
  judge,
  refusal,
  hedging,
  truncated,
  schema_failure,
  error,
  escalation,
  retry,
  latency,
  cost
};
template <>
inline constexpr std::array<std::string_view, 12> words<QualitySignal>{
    "feedback",       "task_completed", "judge",      "refusal", "hedging", "truncated",
    "schema_failure", "error",          "escalation", "retry",   "latency", "cost"};
template <>
inline constexpr std::string_view word_noun<QualitySignal> = "signal";

/// Whether a larger value is better: of feedback, task_completed and judge. Of all others a smaller one is.
constexpr bool larger_is_better(QualitySignal signal) noexcept {
  return signal <= QualitySignal::judge;
}

/// Whether it may come long after the request's end.
constexpr bool comes_later(QualitySignal signal) noexcept {
  return signal <= QualitySignal::judge;
}

}  // namespace triage
