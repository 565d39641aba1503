#pragma once
// Promises about quality (`quality.slo`), as a function of the journal's lines.
//
// A confidence sequence holds a mean that stays the same. So for each signal of a route two run at a time: a new one
// begins every week (Monday, UTC), and each is used for two. Both hold at once, each with half of the error.

#include "base/lru.hpp"
#include "ledger/entry.hpp"
#include "ledger/signal_values.hpp"
#include "statistics/confidence.hpp"
#include "triage/quality_spec.hpp"
#include "triage/spec.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace triage::ledger {

/// `unknown`: there is not enough to tell.
enum class SloState : std::uint8_t { unknown, met, breached };
}  // namespace triage::ledger

namespace triage {
template <>
inline constexpr std::array<std::string_view, 3> words<ledger::SloState>{"unknown", "met", "breached"};
}  // namespace triage

namespace triage::ledger {

struct SloStanding {
  std::string route;
  SloSpec slo;
  SloState state = SloState::unknown;
  std::uint64_t values = 0;  ///< in the older of the two sequences, or in the only one
  double mean = 0;           ///< of these
  double low = 0;            ///< with the SLO's confidence the mean is between these
  double high = 1;
};
bool operator==(const SloStanding& a, const SloStanding& b);

/// The means of all routes' signals.
class QualityHistory {
 public:
  /// Lines older than this are in none of its sequences.
  static constexpr std::chrono::hours reach{14 * 24};

  /// The next line. Of feedback for one request only the first value of a signal counts: it was given when nothing
  /// else was known.
  void take(const Entry& entry);

  [[nodiscard]] SloStanding standing(const std::string& route, const SloSpec& slo) const;

 private:
  using Sequence = statistics::ConfidenceSequence;
  struct Means {
    Sequence older;
    Sequence younger;
  };
  using Route = std::array<Means, words<QualitySignal>.size()>;

  void pass_to(std::int64_t week);
  void forget_counted(SignalValues& values, const Stored<FeedbackEvent>& feedback);

  std::int64_t week_ = 0;
  std::map<std::string, Route, std::less<>> routes_;
  Lru<std::uint64_t, std::uint8_t> counted_;  // bits by signal, of requests with feedback
};

/// All SLOs of the configuration, in its order.
std::vector<SloStanding> standings(const QualityHistory& history, const std::vector<RouteSpec>& routes);
/// The same as a ledger has them now, in its `folder`. Throws if it cannot be read.
std::vector<SloStanding> read_standings(const std::string& folder, const std::vector<RouteSpec>& routes,
                                        std::int64_t now_unix_ms);

/// What is promised, for people: "feedback >= 0.8".
std::string promise(const SloSpec& slo);

}  // namespace triage::ledger
