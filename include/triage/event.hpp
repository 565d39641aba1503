#pragma once
// What is learned of a request after its record, and what is decided: the ledger's other lines. The members are called
// as in the journal's JSON (docs/ledger.md); an empty one is null. Times are Unix time. Views need to live only until
// Ledger::keep() returns.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace triage {

enum class Thumb : std::uint8_t { up, down };
inline constexpr std::array<std::string_view, 2> thumb_names{"up", "down"};

/// What the app says of an answer (POST /v1/feedback).
struct FeedbackEvent {
  std::string_view id;  ///< the request's, as in its record
  std::int64_t time_unix_ms = 0;
  std::string_view key;  ///< the name of the gateway key that it came with
  std::optional<Thumb> thumb;
  std::optional<double> score;  ///< 0..1, 1 is best
  std::optional<bool> task_completed;
  std::string_view comment;
  std::string_view corrected;  ///< the answer that should have been given
};

/// What a judge, a mechanical grader or a person says of an answer, off the request path.
struct GradeEvent {
  std::string_view id;  ///< the request's, as in its record
  std::int64_t time_unix_ms = 0;
  std::string_view route;
  std::string_view grader;      ///< judge, exact, regex, spotcheck, ...
  std::string_view version;     ///< of the rubric, or of whatever else the grade depends on
  std::string_view against;     ///< the deployment whose answer it was compared with
  std::optional<double> score;  ///< 0..1, 1 is best; absent: there was not enough to tell
  std::string_view reason;
  std::optional<std::int64_t> cost_nano_usd;  ///< absent: the price is not known
};

/// A decision of an experiment, by itself or by a person.
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
  std::string_view figures;  ///< what it was decided by: a JSON object
};

using LedgerEvent = std::variant<FeedbackEvent, GradeEvent, ExperimentEvent>;

}  // namespace triage
