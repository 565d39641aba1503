#include "offline/replay.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <unordered_map>

namespace triage::offline {
namespace {

constexpr double normal_975 = 1.959964;
constexpr double prior_rows = 10;  // a mean over fewer rows leans on the wider one
constexpr std::size_t folds = 2;

std::size_t fold_of(std::uint64_t unit) noexcept {
  return static_cast<std::size_t>((unit * 0x9E3779B97F4A7C15ULL) >> 63);
}

// Of the t distribution with so many degrees of freedom, its 97.5 % quantile (Cornish and Fisher's expansion).
double quantile_975(std::size_t freedom) noexcept {
  if (freedom < 3) return freedom < 2 ? 12.71 : 4.30;
  const double n = static_cast<double>(freedom);
  const double z = normal_975;
  const double z3 = z * z * z;
  const double z5 = z3 * z * z;
  return z + (z3 + z) / (4 * n) + (5 * z5 + 16 * z3 + 3 * z) / (96 * n * n) +
         (3 * z5 * z * z + 19 * z5 + 17 * z3 - 15 * z) / (384 * n * n * n);
}

// The mean of a column with an interval for clusters.
Estimate clustered(const std::vector<double>& column, const std::vector<std::uint64_t>& units, double mean,
                   double per) {
  std::unordered_map<std::uint64_t, double> residuals;
  residuals.reserve(column.size());
  for (std::size_t i = 0; i < column.size(); ++i) residuals[units[i]] += column[i];
  Estimate out{mean, {not_known, not_known}};
  const auto count = static_cast<double>(residuals.size());
  if (residuals.size() < 2 || !(per > 0)) return out;
  double squares = 0;
  for (const auto& [unit, residual] : residuals) squares += residual * residual;
  const double error = std::sqrt(squares * count / (count - 1)) / per;
  const double reach = quantile_975(residuals.size() - 1) * error;
  out.interval = {mean - reach, mean + reach};
  return out;
}

Estimate mean_of(const std::vector<double>& column, const std::vector<std::uint64_t>& units) {
  double sum = 0;
  for (const double value : column) sum += value;
  const double mean = column.empty() ? not_known : sum / static_cast<double>(column.size());
  std::vector<double> residuals(column);
  for (double& value : residuals) value -= mean;
  return clustered(residuals, units, mean, static_cast<double>(column.size()));
}

double share_of(const ActionShares& shares, std::uint32_t action) noexcept {
  for (const auto& [each, share] : shares)
    if (each == action) return share;
  return 0;
}

// The mean outcome of an action among similar requests, learned from the other fold.
class Model {
 public:
  explicit Model(std::size_t actions) : actions_(actions) {}

  void add(std::size_t fold, std::uint32_t action, std::uint32_t stratum, double value) {
    for (std::size_t learner = 0; learner < folds; ++learner) {
      if (learner == fold) continue;
      all_[learner].add(value);
      actions_[action][learner].add(value);
      cells_[key(action, stratum)][learner].add(value);
    }
  }
  [[nodiscard]] double at(std::size_t fold, std::uint32_t action, std::uint32_t stratum) const {
    const double all = all_[fold].leaning_on(0, 0);
    const double action_mean = actions_[action][fold].leaning_on(all, prior_rows);
    const auto cell = cells_.find(key(action, stratum));
    return cell == cells_.end() ? action_mean : cell->second[fold].leaning_on(action_mean, prior_rows);
  }

 private:
  struct Mean {
    double sum = 0;
    double count = 0;
    void add(double value) noexcept {
      sum += value;
      ++count;
    }
    [[nodiscard]] double leaning_on(double wider, double weight) const noexcept {
      return count + weight > 0 ? (sum + wider * weight) / (count + weight) : 0;
    }
  };
  using ByFold = std::array<Mean, folds>;
  static std::uint64_t key(std::uint32_t action, std::uint32_t stratum) noexcept {
    return (std::uint64_t{action} << 32) | stratum;
  }
  ByFold all_;
  std::vector<ByFold> actions_;
  std::unordered_map<std::uint64_t, ByFold> cells_;
};

using ValueOf = std::function<double(const ReplayRow&)>;

// One policy in one measure.
class Valuing {
 public:
  Valuing(const ReplayRows& rows, const ValueOf& value, const Model& model)
      : rows_(rows), value_(value), model_(model) {}

  /// Fills `out`; `scores` gets each row's part of dr.
  void run(const ActionShares ReplayChoice::*policy, double worst, PolicyValue& out, std::vector<double>& scores);

 private:
  void add(const ReplayRow& row, const ActionShares& policy, double value);
  void finish(double worst, PolicyValue& out);

  const ReplayRows& rows_;
  const ValueOf& value_;
  const Model& model_;
  std::vector<std::uint64_t> units_;
  std::vector<double> weights_, weighted_, covered_;
  std::vector<double> guessed_;  // of what lacks overlap
  double lacking_ = 0;
};

void Valuing::add(const ReplayRow& row, const ActionShares& policy, double value) {
  const ActionShares& logged = rows_.choices[row.choice].logged;
  const std::size_t fold = fold_of(row.unit);
  const bool same = !policy.empty() && policy == logged;
  double weight = same ? 1 : 0;
  double covered = same ? 1 : 0;
  double expected = 0;
  double guess = 0;
  const bool known_action = row.action != ReplayRow::none;
  for (const auto& [action, share] : policy) {
    const double q = model_.at(fold, action, row.stratum);
    const double propensity = share_of(logged, action);
    const bool told = same || (known_action && propensity > 0);
    (told ? expected : guess) += share * q;
    if (same || !told) continue;
    covered += share;
    if (action == row.action) weight = share / propensity;
  }
  if (policy.empty()) guess = model_.at(fold, known_action ? row.action : 0, row.stratum);
  // Where the policy is the logging policy, the outcome itself is the best that is known of it.
  const double score = same          ? value
                       : weight == 0 ? expected
                                     : expected + weight * (value - model_.at(fold, row.action, row.stratum));
  units_.push_back(row.unit);
  weights_.push_back(weight);
  weighted_.push_back(weight * value);
  covered_.push_back(score);
  guessed_.push_back(guess);
  lacking_ += 1 - covered;
}

void Valuing::finish(double worst, PolicyValue& out) {
  const auto count = static_cast<double>(units_.size());
  out.lacking = count > 0 ? std::max(lacking_ / count, 0.0) : 1;
  if (out.lacking < 1e-12) out.lacking = 0;
  out.told = count > 0 && out.lacking <= lacking_max;
  double sum = 0, squares = 0, weighted = 0;
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    sum += weights_[i];
    squares += weights_[i] * weights_[i];
    weighted += weighted_[i];
  }
  out.effective = squares > 0 ? sum * sum / squares : 0;
  const Estimate covered = mean_of(covered_, units_);
  out.bounds = {std::max(covered.interval.low, 0.0), covered.interval.high + out.lacking * worst};
  const Estimate none{not_known, {not_known, not_known}};
  out.ips = out.snips = out.dr = none;
  if (!out.told) return;
  out.ips = mean_of(weighted_, units_);
  const double ratio = weighted / sum;
  std::vector<double> residuals(weighted_.size());
  for (std::size_t i = 0; i < residuals.size(); ++i) residuals[i] = weighted_[i] - weights_[i] * ratio;
  out.snips = clustered(residuals, units_, ratio, sum);
  double guess = 0;
  for (const double each : guessed_) guess += each;
  out.dr = {covered.value + guess / count, out.bounds};
}

void Valuing::run(const ActionShares ReplayChoice::*policy, double worst, PolicyValue& out,
                  std::vector<double>& scores) {
  for (const ReplayRow& row : rows_.rows)
    if (const double value = value_(row); std::isfinite(value)) add(row, rows_.choices[row.choice].*policy, value);
  finish(worst, out);
  scores.resize(covered_.size());
  for (std::size_t i = 0; i < scores.size(); ++i) scores[i] = covered_[i] + guessed_[i];
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
    Model model(rows.actions.size());
    for (const ReplayRow& row : rows.rows)
      if (const double value = (*values[side])(row); std::isfinite(value) && row.action != ReplayRow::none)
        model.add(fold_of(row.unit), row.action, row.stratum, value);
    Valuing valuing(rows, *values[side], model);
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
    value.ips = value.snips = value.dr = mean_of(columns[side], units);
    value.bounds = {std::max(value.dr.interval.low, 0.0), value.dr.interval.high + value.lacking};
    value.dr.interval = value.bounds;
    if (!value.told) value.ips = value.snips = value.dr = {not_known, {not_known, not_known}};
  }
  out.difference = out.less(1);
  return out;
}

}  // namespace

Estimate ReplayMeasure::less(double factor) const {
  if (!before.told || !after.told) return {not_known, {not_known, not_known}};
  std::vector<double> column;
  std::vector<std::uint64_t> units;
  for (const Score& score : scores) {
    column.push_back(score.after - factor * score.before);
    units.push_back(score.unit);
  }
  Estimate out = mean_of(column, units);
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
