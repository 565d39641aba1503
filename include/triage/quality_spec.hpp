#pragma once
// The part of the configuration that says how the quality of a route's answers is measured. Names are those of the
// YAML; docs/quality.md explains how they work together.

#include "triage/quality_signal.hpp"
#include "triage/units.hpp"
#include "triage/words.hpp"

#include <any>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// `pointwise`: the judge sees one answer. `pairwise`: it sees two, without their names, in both orders: the answer
/// given, and the baseline's answer to the same request.
enum class JudgeMode : std::uint8_t { pointwise, pairwise };
template <>
inline constexpr std::array<std::string_view, 2> words<JudgeMode>{"pointwise", "pairwise"};

/// A deployment that grades a sample of the answers, off the request path.
struct JudgeSpec {
  std::string deployment;
  double share = 0.05;          ///< of the answers, in each arm
  double daily_budget_usd = 0;  ///< for the judge and the baseline's answers, per day in UTC; required
  JudgeMode mode = JudgeMode::pointwise;
  std::string baseline;  ///< `pairwise`: the deployment compared with; empty: the route's strongest
  std::string rubric;    ///< what a good answer is; empty: the built-in one
  milliseconds timeout{60'000};
};

/// A mechanical grader. `kind` names it; `options` has the type that its file in src/judge defines.
struct GraderSpec {
  std::string kind;
  std::any options;  ///< empty: all defaults
};

/// A promise about a signal's mean, watched all the time. Exactly one of the bounds is written.
struct SloSpec {
  QualitySignal signal = QualitySignal::feedback;
  std::optional<double> value_min;  ///< such as thumbs-up at least 0.8
  std::optional<double> value_max;  ///< such as refusals at most 0.05
  double confidence = 0.95;         ///< that `met` and `breached` are true whenever one looks
};

/// What the watch for drift does when it finds some.
enum class DriftAction : std::uint8_t { warn, freeze, rollback };
template <>
inline constexpr std::array<std::string_view, 3> words<DriftAction>{"warn", "freeze", "rollback"};

struct DriftSpec {
  DriftAction action = DriftAction::warn;
  milliseconds false_alarm_every{30LL * 24 * 3600 * 1000};  ///< expected time between false alarms of a route
  milliseconds window{3'600'000};                           ///< distributions are compared over at least so long
  std::uint32_t reference = 2'000;                          ///< outcomes that say how things were before
};

struct QualitySpec {
  std::optional<JudgeSpec> judge;
  std::vector<GraderSpec> graders;
  std::vector<SloSpec> slo;
  bool feedback = true;                                ///< whether POST /v1/feedback is taken for this route
  milliseconds feedback_for{30LL * 24 * 3600 * 1000};  ///< after a request came
  bool feedback_texts = true;      ///< whether comments and corrected answers are kept, as record.content says
  std::optional<DriftSpec> drift;  ///< absent: watched with the defaults
};

}  // namespace triage
