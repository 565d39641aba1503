#pragma once
// What the lines of the journal say about experiments.

#include "triage/event.hpp"
#include "triage/experiment_spec.hpp"
#include "triage/quality_signal.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace triage::experiment {

/// What became known of one unit: a request ended, feedback or a grade came.
struct Sighting {
  std::string name;     ///< of the experiment
  std::string version;  ///< that assigned the arm
  std::uint64_t unit = 0;
  bool treated = false;
  double share = 0;      ///< of the treatment when the arm was assigned
  bool request = false;  ///< false: it came later
  /// By QualitySignal; absent: not known. `latency` and `cost` are here in ms and in nano-USD. A request that ended in
  /// a way that says nothing about its arm has none.
  std::array<std::optional<double>, words<QualitySignal>.size()> values;
  std::optional<double> cost_nano_usd;  ///< of the request, or of the grade; absent: not known

  std::optional<double>& operator[](QualitySignal signal) { return values[static_cast<std::size_t>(signal)]; }
  const std::optional<double>& operator[](QualitySignal signal) const {
    return values[static_cast<std::size_t>(signal)];
  }
};

/// A decision as in ExperimentEvent, owning its texts.
struct Decision {
  std::string name;
  std::string version;
  std::int64_t time_unix_ms = 0;
  std::string route;
  std::string action;
  std::string actor;  ///< empty: the experiment itself
  std::int64_t stage = 0;
  double share = 0;
  std::string reason;
  std::string figures;         ///< a JSON object
  std::int64_t clock_ms = -1;  ///< of the experiment, at the decision: the member of `figures`; -1: not given

  [[nodiscard]] ExperimentEvent event() const {
    return {name, version, time_unix_ms, route, action, actor, stage, share, reason, figures};
  }
};

/// monostate: nothing about experiments.
using JournalLine = std::variant<std::monostate, Sighting, Decision>;

}  // namespace triage::experiment
