#include "offline/replay.hpp"

#include "statistics/off_policy.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <unordered_map>

namespace triage::offline {
namespace {

constexpr double confidence = 0.95;
constexpr double effective_min = 50;        // requests of its own that would tell as much as the log
constexpr double effective_units_min = 10;  // likewise, if requests of one unit are all alike
constexpr double weight_max = 0.25;         // of one unit

using statistics::GroupMeans;
using statistics::LoggedRow;

Estimate estimate_of(const statistics::Estimate& found) {
  return {found.value, {found.interval.low, found.interval.high}};
}

constexpr Estimate nothing{not_known, {not_known, not_known}};

// `range`: the largest difference of two values.
Estimate mean_of(const std::vector<double>& column, const std::vector<std::uint64_t>& units, double range) {
  std::vector<LoggedRow> rows(column.size());
  for (std::size_t i = 0; i < column.size(); ++i) {
    rows[i].target = 1;
    rows[i].outcome = column[i];
    rows[i].unit = units[i];
  }
  return rows.empty() ? nothing : estimate_of(statistics::evaluate(rows, confidence, range).ips);
}

double share_of(const ActionShares& shares, std::uint32_t action) noexcept {
  for (const auto& [each, share] : shares)
    if (each == action) return share;
  return 0;
}

using ValueOf = std::function<double(const ReplayRow&)>;

// One policy in one measure.
class Valuing {
 public:
  /// `range`: the largest difference of two outcomes; 0: there is no such bound.
  Valuing(const ReplayRows& rows, const ValueOf& value, const GroupMeans& model, double range)
      : rows_(rows), value_(value), model_(model), range_(range) {}

  /// Fills `out`; `scores` gets each row's part of dr. `worst`: the most that an outcome can be.
  void run(const ActionShares ReplayChoice::*policy, double worst, PolicyValue& out, std::vector<double>& scores);

 private:
  void add(const ReplayRow& row, const ActionShares& policy, double value);
  void finish(double worst, PolicyValue& out) const;

  const ReplayRows& rows_;
  const ValueOf& value_;
  const GroupMeans& model_;
  double range_;
  std::vector<LoggedRow> logged_;
  std::vector<double> covered_;  // of dr, without what lacks overlap
  std::vector<std::uint64_t> units_;
  std::size_t modelled_ = 0;  // rows that the model was given
  double lacking_ = 0;
  bool all_same_ = true;
};

void Valuing::add(const ReplayRow& row, const ActionShares& policy, double value) {
  const ActionShares& logged = rows_.choices[row.choice].logged;
  const std::size_t at = modelled_;
  if (row.action != ReplayRow::none) ++modelled_;
  const bool same = !policy.empty() && policy == logged;
  LoggedRow out;
  out.unit = row.unit;
  out.outcome = value;
  double lacking = policy.empty() ? 1 : 0;
  double guessed = 0;
  const bool known = row.action != ReplayRow::none;
  for (const auto& [action, share] : policy) {
    const double q = model_.expected(at, row.stratum, action);
    const double propensity = share_of(logged, action);
    out.expected_target += share * q;
    if (!same && (!known || propensity <= 0)) {
      lacking += share;
      guessed += share * q;
    } else if (!same && action == row.action) {
      out.propensity = propensity;
      out.target = share;
    }
  }
  if (policy.empty()) out.expected_target = guessed = model_.expected(at, row.stratum, known ? row.action : 0);
  out.expected_logged = known ? model_.expected(at, row.stratum, row.action) : out.expected_target;
  if (same) {  // the outcome is the policy's own, whatever was drawn
    out.target = out.propensity = 1;
    out.expected_logged = out.expected_target;
  }
  out.supported = lacking == 0;
  logged_.push_back(out);
  units_.push_back(row.unit);
  covered_.push_back(out.expected_target - guessed + out.target / out.propensity * (value - out.expected_logged));
  lacking_ += lacking;
  all_same_ = all_same_ && same;
}

void Valuing::finish(double worst, PolicyValue& out) const {
  const auto count = static_cast<double>(logged_.size());
  out.lacking = logged_.empty() ? 1 : lacking_ / count;
  const statistics::OffPolicy found = statistics::evaluate(logged_, confidence, range_);
  double weights = 0;
  double squares = 0;
  for (const LoggedRow& row : logged_) {
    const double weight = row.target / row.propensity;
    weights += weight;
    squares += weight * weight;
  }
  out.effective = squares > 0 ? weights * weights / squares : 0;
  const bool enough = all_same_ || (out.effective >= effective_min && found.effective_rows >= effective_units_min &&
                                    found.largest_weight <= weight_max);
  out.told = !logged_.empty() && out.lacking <= lacking_max && enough;
  out.few = out.lacking <= lacking_max && !enough;
  const Estimate covered = mean_of(covered_, units_, range_);
  out.bounds = {std::clamp(covered.interval.low, 0.0, worst),
                std::clamp(covered.interval.high + out.lacking * worst, 0.0, worst)};
  out.ips = out.snips = out.dr = nothing;
  if (!out.told) return;
  out.ips = estimate_of(found.ips);
  out.snips = estimate_of(found.snips);
  out.dr = estimate_of(found.doubly_robust);
  out.dr.interval.low = std::max(out.dr.interval.low - out.lacking * worst, 0.0);
  out.dr.interval.high += out.lacking * worst;
}

void Valuing::run(const ActionShares ReplayChoice::*policy, double worst, PolicyValue& out,
                  std::vector<double>& scores) {
  for (const ReplayRow& row : rows_.rows)
    if (const double value = value_(row); std::isfinite(value)) add(row, rows_.choices[row.choice].*policy, value);
  finish(worst, out);
  for (const LoggedRow& row : logged_)
    scores.push_back(row.expected_target + row.target / row.propensity * (row.outcome - row.expected_logged));
}

// `before` and `after`: what the row's outcome counts as for each policy.
ReplayMeasure measure(const ReplayRows& rows, const char* name, const char* source, const ValueOf& before,
                      const ValueOf& after, double worst) {
  ReplayMeasure out;
  out.name = name;
  out.source = source;
  std::array<std::vector<double>, 2> scores;
  const std::array<const ValueOf*, 2> values{&before, &after};
  for (std::size_t side = 0; side < 2; ++side) {
    GroupMeans model;
    for (const ReplayRow& row : rows.rows)
      if (const double value = (*values[side])(row); std::isfinite(value) && row.action != ReplayRow::none)
        model.add(row.stratum, row.action, value);
    Valuing valuing(rows, *values[side], model, out.source.empty() ? 0 : 1);
    if (side == 0)
      valuing.run(&ReplayChoice::before, worst, out.before, scores[0]);
    else
      valuing.run(&ReplayChoice::after, worst, out.after, scores[1]);
  }
  std::size_t at = 0;
  for (const ReplayRow& row : rows.rows)
    if (std::isfinite(before(row))) {
      out.scores.push_back({row.unit, scores[0][at], scores[1][at]});
      ++at;
    }
  out.known = out.scores.size();
  out.missing_worst = worst;
  out.difference = out.less(1);
  return out;
}

ReplayMeasure pair_measure(const ReplayRows& rows) {
  ReplayMeasure out;
  out.name = "quality";
  out.source = "pairs";
  out.missing_worst = 1;
  std::vector<std::uint64_t> units;
  std::array<std::vector<double>, 2> columns;
  std::array<std::size_t, 2> lacking{};
  for (const ReplayPair& pair : rows.pairs) {
    const std::array<double, 2> values{pair.quality_before, pair.quality_after};
    for (std::size_t side = 0; side < 2; ++side) {
      const bool known = std::isfinite(values[side]);
      if (!known) ++lacking[side];
      columns[side].push_back(known ? values[side] : 0);
    }
    units.push_back(pair.unit);
    out.scores.push_back({pair.unit, columns[0].back(), columns[1].back()});
  }
  out.known = rows.pairs.size();
  for (std::size_t side = 0; side < 2; ++side) {
    PolicyValue& value = side == 0 ? out.before : out.after;
    const auto count = static_cast<double>(std::max<std::size_t>(out.known, 1));
    value.lacking = static_cast<double>(lacking[side]) / count;
    value.told = out.known > 0 && value.lacking <= lacking_max;
    value.effective = count - static_cast<double>(lacking[side]);
    value.ips = value.snips = value.dr = mean_of(columns[side], units, 1);
    value.bounds = {std::max(value.dr.interval.low, 0.0), value.dr.interval.high + value.lacking};
    value.dr.interval = value.bounds;
    if (!value.told) value.ips = value.snips = value.dr = nothing;
  }
  out.difference = out.less(1);
  return out;
}

}  // namespace

Estimate ReplayMeasure::less(double factor) const {
  if (!before.told || !after.told) return nothing;
  std::vector<double> column;
  std::vector<std::uint64_t> units;
  for (const Score& score : scores) {
    column.push_back(score.after - factor * score.before);
    units.push_back(score.unit);
  }
  Estimate out = mean_of(column, units, 0);
  out.interval.low -= (after.lacking + factor * before.lacking) * missing_worst;
  out.interval.high += (after.lacking + factor * before.lacking) * missing_worst;
  return out;
}

ReplayMeasure replay_cost(const ReplayRows& rows) {
  double worst = 0;
  for (const ReplayRow& row : rows.rows) {
    if (std::isfinite(row.cost_usd)) worst = std::max(worst, row.cost_usd);
    if (std::isfinite(row.cost_usd_after)) worst = std::max(worst, row.cost_usd_after);
  }
  const auto both = [](const ReplayRow& row, double value) {
    return std::isfinite(row.cost_usd) && std::isfinite(row.cost_usd_after) ? value : not_known;
  };
  return measure(
      rows, "cost_usd", "", [&](const ReplayRow& row) { return both(row, row.cost_usd); },
      [&](const ReplayRow& row) { return both(row, row.cost_usd_after); }, worst);
}

std::vector<ReplayMeasure> replay_quality(const ReplayRows& rows) {
  std::vector<ReplayMeasure> out;
  for (std::size_t source = 0; source < quality_source_names.size(); ++source) {
    if (source + 1 == quality_source_names.size() && !rows.pairs.empty()) out.push_back(pair_measure(rows));
    const ValueOf value = [source](const ReplayRow& row) { return row.quality[source]; };
    ReplayMeasure found = measure(rows, "quality", quality_source_names[source], value, value, 1);
    if (found.known > 0) out.push_back(std::move(found));
  }
  return out;
}

}  // namespace triage::offline
