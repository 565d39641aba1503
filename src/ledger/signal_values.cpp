#include "ledger/signal_values.hpp"

namespace triage::ledger {
namespace {

constexpr std::string_view by_people = "spotcheck";

std::optional<double> number(const Flag& flag) {
  return flag ? std::optional(*flag ? 1.0 : 0.0) : std::nullopt;
}

std::optional<double> in_range(const Real& value) {
  return value && *value >= 0 && *value <= 1 ? value : std::nullopt;
}

template <class E>
constexpr std::string_view name(E value) {
  return word_names<E>[static_cast<std::size_t>(value)];
}

}  // namespace

bool escalated(const StoredRecord& record) {
  for (const StoredAttempt& attempt : record.get<&LedgerRecord::attempts>().rows)
    if (attempt.get<&AttemptRecord::cause>() == name(AttemptCause::escalation)) return true;
  return false;
}

SignalValues values_of(const StoredRecord& record) {
  SignalValues out;
  const auto outcome = record.get<&LedgerRecord::outcome>().value_or("");
  const bool failed = outcome == name(Outcome::upstream_error);
  if (record.get<&LedgerRecord::shadow_of>() || (!failed && outcome != name(Outcome::ok))) return out;
  const Stored<Signals>& seen = record.get<&LedgerRecord::signals>().members;
  out[QualitySignal::error] = failed ? 1 : 0;
  out[QualitySignal::escalation] = escalated(record) ? 1 : 0;
  out[QualitySignal::refusal] = number(seen.get<&Signals::refusal>());
  out[QualitySignal::hedging] = number(seen.get<&Signals::hedging>());
  out[QualitySignal::truncated] = number(seen.get<&Signals::truncated>());
  out[QualitySignal::schema_failure] = number(seen.get<&Signals::schema_failure>());
  out[QualitySignal::retry] = number(seen.get<&Signals::retry>());
  return out;
}

SignalValues values_of(const Stored<FeedbackEvent>& feedback) {
  SignalValues out;
  const Text thumb = feedback.get<&FeedbackEvent::thumb>();
  out[QualitySignal::feedback] =
      thumb ? std::optional(*thumb == name(Thumb::up) ? 1.0 : 0.0) : in_range(feedback.get<&FeedbackEvent::score>());
  out[QualitySignal::task_completed] = number(feedback.get<&FeedbackEvent::task_completed>());
  return out;
}

SignalValues values_of(const Stored<GradeEvent>& grade) {
  SignalValues out;
  const auto score = in_range(grade.get<&GradeEvent::score>());
  if (!score || grade.get<&GradeEvent::grader>() == by_people) return out;
  const bool compared = grade.get<&GradeEvent::against>().has_value();
  out[QualitySignal::judge] = compared ? (*score >= 0.5 ? 1 : 0) : *score;
  return out;
}

}  // namespace triage::ledger
