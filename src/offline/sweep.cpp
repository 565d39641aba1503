#include "offline/sweep.hpp"

#include "base/text.hpp"
#include "offline/table.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace triage::offline {
namespace {

using Json = nlohmann::ordered_json;

// The points nearest to equal steps of the share.
std::vector<CurvePoint> even(const std::vector<CurvePoint>& curve) {
  std::vector<CurvePoint> out;
  for (std::size_t i = 0; i < sweep_points; ++i) {
    const double share = static_cast<double>(i) / (sweep_points - 1);
    auto at = std::ranges::lower_bound(curve, share, {}, &CurvePoint::share);
    if (at == curve.end() || (at != curve.begin() && share - (at - 1)->share < at->share - share)) --at;
    if (out.empty() || out.back().share < at->share) out.push_back(*at);
  }
  return out;
}

std::string threshold_text(double threshold) {
  return std::isfinite(threshold) ? fixed(threshold, 3) : "above all";
}

std::string kept(double quality, const Sweep& sweep) {
  return sweep.strong_quality > 0 ? percent(quality / sweep.strong_quality) : "-";
}

std::string effect_text(const Sweep& sweep, const ThresholdEffect& effect) {
  return "threshold " + fixed(effect.threshold, 3) +
         (sweep.cascade ? " (the verifier accepts above " + fixed(1 - effect.threshold, 3) + ")" : "") + ": " +
         percent(effect.share) + " go up, quality " + fixed(effect.quality, 3) + ", " + percent(effect.kept) +
         " of always-strong's";
}

std::string floor_name(const Floor& floor) {
  return "a quality of at least " + percent(floor.rho) + " of always-strong's, with " + percent(floor.confidence) +
         " confidence";
}

std::string floor_text(const Sweep& sweep) {
  const FloorResult& found = sweep.found;
  std::string out = "floor: " + floor_name(sweep.floor) + "\n  before looking at any threshold: this takes at least " +
                    grouped(found.questions_min) + " questions; there are " + grouped(found.questions) +
                    (found.certifiable ? "\n" : ": NOTHING can be certified with so few\n");
  if (found.certified.share < 1)
    out += "  certified: " + effect_text(sweep, found.certified) + "\n";
  else
    out += "  no threshold that sends anything down is certified: it stays at always-strong (threshold 0)\n";
  if (found.questions_for_next)
    out += "  the next threshold would take about " + grouped(*found.questions_for_next) + " questions like these\n";
  else if (found.certified.share > 0)
    out += "  the next threshold does not keep the floor on these rows: more of them would not help\n";
  if (found.plug_in.share < found.certified.share)
    out += "  without a guarantee: " + effect_text(sweep, found.plug_in) +
           "\n  (the one that just keeps the floor on these rows; on new ones it breaks it about every other time)\n";
  return out;
}

Json effect_json(const ThresholdEffect& effect) {
  return {{"threshold", effect.threshold},
          {"strong_share", effect.share},
          {"quality", effect.quality},
          {"kept", effect.kept}};
}

}  // namespace

Sweep sweep(const Subject& subject, const Outcomes& rows, const Scored& scored, const Floor& floor) {
  Sweep out;
  const Weights weights = ones(rows);
  out.cascade = scored.role == Scored::Role::cascade;
  const Ranking ranking(scored.name, scored.scores, rows, out.cascade ? Pattern::cascade : Pattern::pre_route);
  ScoredResult named;
  named.role = scored.role;
  named.name = scored.name;
  out.title = title_of(named);
  out.has_costs = rows.has_costs();
  const std::vector<CurvePoint> curve = ranking.curve(weights);
  out.points = even(curve);
  out.strong_quality = mean(rows.strong, weights);
  if (out.has_costs) out.strong_cost_usd = mean(rows.cost_strong_usd, weights);
  if (std::isfinite(subject.threshold)) out.in_force.push_back(fixed(subject.threshold, 3));
  out.floor = floor;
  out.found = certify(rows, scored.scores, floor);
  return out;
}

std::string sweep_text(const Subject& subject, const Sweep& sweep) {
  std::string out = "route " + quoted_name(subject.route) + " on " + subject.data + ": the score of " + sweep.title;
  out += sweep.in_force.empty() ? "\n" : ", threshold in force: " + joined(sweep.in_force) + "\n";
  for (const std::string& note : subject.notes) out += "  note: " + note + "\n";
  Table table;
  table.row({"threshold", "strong answers", "quality", "of strong's", "cost a request", "of strong's"});
  for (const CurvePoint& point : sweep.points) {
    std::vector<std::string> cells{threshold_text(point.threshold), percent(point.share), fixed(point.quality, 3),
                                   kept(point.quality, sweep)};
    if (sweep.has_costs) {
      cells.push_back(usd(point.cost_usd));
      cells.push_back(sweep.strong_cost_usd > 0 ? percent(point.cost_usd / sweep.strong_cost_usd) : "-");
    }
    table.row(std::move(cells));
  }
  return out + "\n" + table.text() + "\n" + floor_text(sweep);
}

Json sweep_json(const Subject& subject, const Sweep& sweep) {
  Json points = Json::array();
  for (const CurvePoint& point : sweep.points)
    points.push_back({{"threshold", std::isfinite(point.threshold) ? Json(point.threshold) : Json()},
                      {"strong_share", point.share},
                      {"quality", point.quality},
                      {"cost_usd", sweep.has_costs ? Json(point.cost_usd) : Json()}});
  const FloorResult& found = sweep.found;
  return {{"route", subject.route},
          {"data", subject.data},
          {"score", sweep.title},
          {"in_force", std::isfinite(subject.threshold) ? Json(subject.threshold) : Json()},
          {"points", std::move(points)},
          {"floor",
           {{"rho", sweep.floor.rho},
            {"confidence", sweep.floor.confidence},
            {"questions", found.questions},
            {"questions_min", found.questions_min},
            {"certifiable", found.certifiable},
            {"certified", found.certified.share < 1},
            {"recommended", effect_json(found.certified)},
            {"plug_in", effect_json(found.plug_in)},
            {"questions_for_next", found.questions_for_next ? Json(*found.questions_for_next) : Json()}}},
          {"notes", subject.notes}};
}

}  // namespace triage::offline
