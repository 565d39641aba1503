#pragma once
// What each threshold of a score does to cost and quality, and which one keeps a floor.

#include "offline/floor.hpp"
#include "offline/ranking.hpp"
#include "offline/report.hpp"

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace triage::offline {

struct Sweep {
  std::string title;     ///< of the score
  bool cascade = false;  ///< its thresholds are for a verifier: accept from 1 - threshold on
  bool has_costs = false;
  std::vector<CurvePoint> points;     ///< from share 0 to 1, thinned
  std::vector<std::string> in_force;  ///< the configuration's thresholds, as text; empty: it has none
  double strong_quality = 0;
  double strong_cost_usd = 0;
  Floor floor;
  FloorResult found;
};

inline constexpr std::size_t sweep_points = 21;

Sweep sweep(const Subject& subject, const Outcomes& rows, const Scored& scored, const Floor& floor);

std::string sweep_text(const Subject& subject, const Sweep& sweep);
nlohmann::ordered_json sweep_json(const Subject& subject, const Sweep& sweep);

}  // namespace triage::offline
