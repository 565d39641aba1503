#pragma once
// What a route's ledger says of its traffic, for a forecast.

#include "experiment/plan.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace triage::experiment {

/// Outcomes of one signal, as numbers in [0,1].
struct SeenSignal {
  std::uint64_t count = 0;
  double sum = 0;
  double squares = 0;
  void add(double value) noexcept {
    ++count;
    sum += value;
    squares += value * value;
  }
  [[nodiscard]] double mean() const noexcept { return count > 0 ? sum / static_cast<double>(count) : 0; }
  [[nodiscard]] double variance() const noexcept;
};

struct Traffic {
  double days = 0;  ///< from the first request to the last, at least a tenth of a day
  std::uint64_t requests = 0;
  std::uint64_t units = 0;  ///< that an experiment told apart; 0: none did
  std::array<SeenSignal, words<QualitySignal>.size()> signals;
  std::uint64_t grades = 0;  ///< with a known cost
  double grades_nano_usd = 0;

  [[nodiscard]] const SeenSignal& of(QualitySignal signal) const { return signals[static_cast<std::size_t>(signal)]; }
};

/// Of `route`, since then. `cap_usd`: of the signal `cost`; 0 as in GuardrailSpec.
Traffic read_traffic(const std::string& folder, const std::string& route, std::int64_t since_unix_ms, double cap_usd);

struct GuardrailForecast {
  QualitySignal signal = QualitySignal::error;
  double outcomes_a_day = 0;           ///< of units, at most one a unit and day
  double baseline = 0;                 ///< the outcome's mean so far
  std::optional<double> detectable;    ///< the smallest effect that is found within the stage, half of the time
  std::optional<double> days_to_find;  ///< the effect that was asked for, half of the time; absent: never
};
struct StageForecast {
  double share = 0;
  double days = 0;  ///< at_least, or until units_min if that is later
  double units = 0;
  std::vector<GuardrailForecast> guardrails;
};

/// `units_a_day` is what the route sees. `effect` above 0: how much worse the treatment would be.
///
/// By a formula, not by simulation: a gambler who bets the share L of his wealth on each unit wins L e - L^2 V / 2 in
/// logarithm, where e is the effect beyond the margin and V the variance of the weighted differences; the bet is the
/// best one, at most what the test allows (docs/statistics.md). Only the stage's own units count.
std::vector<StageForecast> forecast(const Plan& plan, const Traffic& traffic, double units_a_day, double effect);

}  // namespace triage::experiment
