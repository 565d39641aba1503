#include "offline/evaluation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace triage::offline {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// A route that costs this much more than a constant model still costs the same.
constexpr double cost_slack = 1e-9;

struct RouteColumns {
  std::vector<double> share;
  std::vector<double> quality;
  std::vector<double> cost;  // empty without costs
  std::vector<double> right;
};

bool is_hard(const Outcomes& rows, std::size_t row) {
  return rows.strong[row] > rows.weak[row];
}

RouteColumns columns_of(const Outcomes& rows, const Decisions& decisions) {
  RouteColumns out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool up = decisions.up[i] != 0;
    out.share.push_back(up ? 1 : 0);
    out.quality.push_back(up ? rows.strong[i] : rows.weak[i]);
    out.right.push_back(up == is_hard(rows, i) ? 1 : 0);
    if (!rows.has_costs()) continue;
    const double weak = decisions.tried[i] != 0 || !up ? rows.cost_weak_usd[i] : 0;
    out.cost.push_back(weak + (up ? rows.cost_strong_usd[i] : 0));
  }
  return out;
}

// The statistics of the route and of the two constant models, in this order.
enum Which : std::uint8_t {
  weak_quality,
  strong_quality,
  weak_cost,
  strong_cost,
  share,
  quality,
  cost,
  accuracy,
  over_random,
  over_random_cost,
  over_constant,
  route_statistics
};

class RouteStatistics {
 public:
  RouteStatistics(const Outcomes& rows, const Decisions& decisions)
      : rows_(rows), columns_(columns_of(rows, decisions)) {
    const std::vector<double> all = of(ones(rows));
    const bool weak_better = all[weak_quality] >= all[strong_quality];
    const bool affordable = rows.has_costs() ? all[cost] >= all[strong_cost] * (1 - cost_slack) : all[share] == 1;
    const bool strong_cheaper = rows.has_costs() && all[strong_cost] <= all[weak_cost];
    constant_is_strong_ = !weak_better && (affordable || strong_cheaper);
  }

  [[nodiscard]] bool constant_is_strong() const noexcept { return constant_is_strong_; }

  [[nodiscard]] std::vector<double> of(std::span<const double> weights) const {
    std::vector<double> out(route_statistics, nan);
    out[weak_quality] = mean(rows_.weak, weights);
    out[strong_quality] = mean(rows_.strong, weights);
    out[share] = mean(columns_.share, weights);
    out[quality] = mean(columns_.quality, weights);
    out[accuracy] = mean(columns_.right, weights);
    const auto random = [&](double part) {
      return out[weak_quality] + part * (out[strong_quality] - out[weak_quality]);
    };
    out[over_random] = out[quality] - random(out[share]);
    out[over_constant] = out[quality] - out[constant_is_strong_ ? strong_quality : weak_quality];
    if (!rows_.has_costs()) return out;
    out[weak_cost] = mean(rows_.cost_weak_usd, weights);
    out[strong_cost] = mean(rows_.cost_strong_usd, weights);
    out[cost] = mean(columns_.cost, weights);
    const double more = out[strong_cost] - out[weak_cost];
    if (more > 0)
      out[over_random_cost] = out[quality] - random(std::clamp((out[cost] - out[weak_cost]) / more, 0., 1.));
    return out;
  }

 private:
  const Outcomes& rows_;
  RouteColumns columns_;
  bool constant_is_strong_ = false;
};

constexpr std::size_t measure_count = 9;

void append(std::vector<double>& out, const Measures& measures) {
  out.push_back(measures.apgr);
  out.insert(out.end(), measures.cpt.begin(), measures.cpt.end());
  out.push_back(measures.apgr_exact);
  out.insert(out.end(), measures.cpt_exact.begin(), measures.cpt_exact.end());
  out.push_back(measures.apgr_cost);
}

void take(ScoredResult& out, std::span<const Estimate> estimates) {
  out.apgr = estimates[0];
  std::copy_n(estimates.begin() + 1, 3, out.cpt.begin());
  out.apgr_exact = estimates[4];
  std::copy_n(estimates.begin() + 5, 3, out.cpt_exact.begin());
  out.apgr_cost = estimates[8];
}

// Counts that have no interval.
void count_mistakes(const Outcomes& rows, const Decisions& decisions, RouteResult& out) {
  out.inflation_usd = rows.has_costs() ? 0 : nan;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool hard = is_hard(rows, i);
    const bool up = decisions.up[i] != 0;
    ++(hard ? out.hard : out.easy);
    if (hard && !up) {
      ++out.hard_down;
      out.lost_quality += rows.strong[i] - rows.weak[i];
    }
    if (hard || !up) continue;
    ++out.easy_up;
    if (!rows.has_costs()) continue;
    const double saved = decisions.tried[i] != 0 ? 0 : rows.cost_weak_usd[i];
    out.inflation_usd += rows.cost_strong_usd[i] - saved;
  }
  out.lost_quality /= static_cast<double>(rows.size());
  out.inflation_usd /= static_cast<double>(rows.size());
}

}  // namespace

bool surely_better(const Estimate& difference) noexcept {
  return difference.interval.low > 0;
}

bool worth_having(const Evaluation& evaluation) noexcept {
  return surely_better(evaluation.route.over_random) && surely_better(evaluation.route.over_constant);
}

Evaluation evaluate(const Outcomes& rows, const Decisions& decisions, std::vector<Scored> scored,
                    const Resampling& resampling) {
  const RouteStatistics route(rows, decisions);
  std::vector<Ranking> rankings;
  for (Scored& each : scored) {
    const Pattern pattern = each.role == Scored::Role::cascade ? Pattern::cascade : Pattern::pre_route;
    rankings.emplace_back(each.name, std::move(each.scores), rows, pattern);
  }
  const auto estimates = bootstrap(rows, resampling, [&](std::span<const double> weights) {
    std::vector<double> out = route.of(weights);
    for (const Ranking& ranking : rankings) append(out, ranking.measure(weights));
    return out;
  });
  Evaluation out;
  out.rows = rows.size();
  out.questions = rows.units;
  out.resampling = resampling;
  out.weak = estimates[weak_quality];
  out.strong = estimates[strong_quality];
  out.cost_weak_usd = estimates[weak_cost];
  out.cost_strong_usd = estimates[strong_cost];
  for (std::size_t i = 0; i < rows.size(); ++i) out.oracle_quality += std::max(rows.weak[i], rows.strong[i]);
  out.oracle_quality /= static_cast<double>(rows.size());
  RouteResult& found = out.route;
  found.share = estimates[share];
  found.quality = estimates[quality];
  found.cost_usd = estimates[cost];
  found.accuracy = estimates[accuracy];
  found.over_random = estimates[over_random];
  found.over_random_cost = estimates[over_random_cost];
  found.over_constant = estimates[over_constant];
  found.constant_is_strong = route.constant_is_strong();
  count_mistakes(rows, decisions, found);
  const Weights each_once = ones(rows);
  for (std::size_t i = 0; i < rankings.size(); ++i) {
    ScoredResult& result = out.scored.emplace_back();
    result.role = scored[i].role;
    result.name = rankings[i].name();
    result.constant = rankings[i].constant();
    take(result, std::span(estimates).subspan(route_statistics + i * measure_count, measure_count));
    result.curve = rankings[i].curve(each_once);
    result.quality_at_share = quality_at_share(result.curve, found.share.value);
    result.quality_at_cost = rows.has_costs() ? quality_at_cost(result.curve, found.cost_usd.value) : nan;
  }
  return out;
}

}  // namespace triage::offline
