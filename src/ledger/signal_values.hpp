#pragma once
// What a line of the journal says about a route's quality: the values of quality signals. docs/quality.md has the
// rules. Pure.

#include "ledger/stored_record.hpp"
#include "triage/quality_signal.hpp"

#include <array>
#include <optional>
#include <string_view>

namespace triage::ledger {

/// By QualitySignal, in [0,1]; absent: the line does not say. `latency` and `cost` are always absent: they mean
/// something only in comparison.
class SignalValues {
 public:
  std::optional<double>& operator[](QualitySignal signal) { return values_[static_cast<std::size_t>(signal)]; }
  const std::optional<double>& operator[](QualitySignal signal) const {
    return values_[static_cast<std::size_t>(signal)];
  }
  using All = std::array<std::optional<double>, words<QualitySignal>.size()>;
  [[nodiscard]] const All& all() const noexcept { return values_; }

 private:
  All values_;
};

/// Whether a verifier sent the request to a higher tier.
bool escalated(const StoredRecord& record);

/// None of a shadow's record, nor of one whose failure is the client's or the gateway's.
SignalValues values_of(const StoredRecord& record);
/// A thumb counts before a score.
SignalValues values_of(const Stored<FeedbackEvent>& feedback);
/// A comparison (`against`) counts as 1 where the answer was not worse. People's grades are labels and do not count.
SignalValues values_of(const Stored<GradeEvent>& grade);
inline SignalValues values_of(const Stored<ExperimentEvent>& /*unused*/) {
  return {};
}

}  // namespace triage::ledger
