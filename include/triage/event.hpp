#pragma once
// The ledger's lines other than request records: what is learned of a request later, and what an experiment decides.
// Members are named as in the journal's JSON (docs/ledger.md); an empty one is written as null. Times are Unix time.
// Views need to live only until Ledger::keep() returns.

#include "triage/record.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace triage {

enum class Thumb : std::uint8_t { up, down };
inline constexpr std::array<std::string_view, 2> thumb_names{"up", "down"};

/// What the app says about an answer (POST /v1/feedback).
struct FeedbackEvent {
  std::string_view id;  ///< the request's id, as in its record
  std::int64_t time_unix_ms = 0;
  std::string_view key;  ///< the name of the gateway key that sent it
  std::optional<Thumb> thumb;
  std::optional<double> score;  ///< 0..1, 1 is best
  std::optional<bool> task_completed;
  std::string_view comment;
  std::string_view corrected;                    ///< the answer that should have been given
  std::string_view route;                        ///< the request's
  const ExperimentRecord* experiment = nullptr;  ///< of the request, as in its record; null: none
};

/// What a judge, a mechanical grader or a person says about an answer, off the request path.
struct GradeEvent {
  std::string_view id;  ///< the request's id, as in its record
  std::int64_t time_unix_ms = 0;
  std::string_view route;
  std::string_view grader;      ///< judge, exact, regex, spotcheck, ...
  std::string_view version;     ///< of the rubric, or of whatever else the grade depends on
  std::string_view against;     ///< the deployment whose answer it was compared with
  std::optional<double> score;  ///< 0..1, 1 is best; absent: not enough to tell
  std::string_view reason;
  std::optional<std::int64_t> cost_nano_usd;     ///< absent: price unknown
  const ExperimentRecord* experiment = nullptr;  ///< of the request, as in its record; null: none
};

/// A decision about an experiment, made by the experiment itself or by a person.
struct ExperimentEvent {
  std::string_view name;
  std::string_view version;
  std::int64_t time_unix_ms = 0;
  std::string_view route;
  std::string_view action;  ///< start, advance, hold, pause, promote, rollback, ...
  std::string_view actor;   ///< who decided; empty (null): the experiment itself
  std::int64_t stage = 0;   ///< in force from now on, counted from 0
  double share = 0;         ///< of the treatment, in force from now on: 0..1
  std::string_view reason;
  std::string_view figures;  ///< what the decision is based on: a JSON object
};

using LedgerEvent = std::variant<FeedbackEvent, GradeEvent, ExperimentEvent>;

}  // namespace triage
