#include "offline/ranking.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace triage::offline {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t deciles = 10;

double between(double from, double to, double part) noexcept {
  return from + (to - from) * part;
}

double area(std::span<const CurvePoint> points) noexcept {
  double sum = 0;
  for (std::size_t i = 1; i < points.size(); ++i)
    sum += (points[i].share - points[i - 1].share) * (points[i].quality + points[i - 1].quality) / 2;
  return sum;
}

double area_in_cost(std::span<const CurvePoint> points, double from, double to) {
  double sum = 0;
  for (std::size_t i = 1; i < points.size(); ++i) {
    const CurvePoint& a = points[i - 1];
    const CurvePoint& b = points[i];
    const double low = std::max(a.cost_usd, from);
    const double high = std::min(b.cost_usd, to);
    if (high <= low) continue;
    const auto at = [&](double cost) {
      return between(a.quality, b.quality, (cost - a.cost_usd) / (b.cost_usd - a.cost_usd));
    };
    sum += (high - low) * (at(low) + at(high)) / 2;
  }
  const double last = points.back().cost_usd;
  if (last < to) sum += (to - std::max(last, from)) * points.back().quality;
  return sum;
}

// The interval in which numpy.interp looks for `wanted`: the index of its left end; -1 before the first, n behind the
// last point. Qualities need not rise, and then the order of the comparisons decides: the first four are compared from
// the left, the rest bisected.
std::ptrdiff_t interval_of(std::span<const CurvePoint> points, double wanted) noexcept {
  const auto count = std::ssize(points);
  const auto below = [&](std::ptrdiff_t i) { return wanted < points[static_cast<std::size_t>(i)].quality; };
  if (wanted > points.back().quality) return count;
  if (below(0)) return -1;
  for (std::ptrdiff_t i = 1; i < std::min<std::ptrdiff_t>(count, 4); ++i)
    if (below(i)) return i - 1;
  std::ptrdiff_t low = std::min<std::ptrdiff_t>(count, 4) - 1;
  std::ptrdiff_t high = count > 10 && below(9) ? 9 : count;
  while (low < high) {
    const std::ptrdiff_t middle = low + (high - low) / 2;
    if (below(middle))
      high = middle;
    else
      low = middle + 1;
  }
  return low - 1;
}

double share_as_numpy(std::span<const CurvePoint> points, double wanted) {
  const std::ptrdiff_t left = interval_of(points, wanted);
  if (left < 0) return points.front().share;
  if (left + 1 >= std::ssize(points)) return points.back().share;
  const CurvePoint& a = points[static_cast<std::size_t>(left)];
  const CurvePoint& b = points[static_cast<std::size_t>(left) + 1];
  return between(a.share, b.share, (wanted - a.quality) / (b.quality - a.quality));
}

// The least share that is good enough.
double first_share(std::span<const CurvePoint> points, double wanted) {
  if (points.front().quality >= wanted) return points.front().share;
  for (std::size_t i = 1; i < points.size(); ++i) {
    const CurvePoint& a = points[i - 1];
    const CurvePoint& b = points[i];
    if (b.quality >= wanted) return between(a.share, b.share, (wanted - a.quality) / (b.quality - a.quality));
  }
  return nan;
}

}  // namespace

// Sums over the rows of each step. `count` and the rest are weighted.
struct Ranking::Steps {
  std::vector<double> count;
  std::vector<double> gain;  // in quality, when these rows go up
  std::vector<double> cost;  // the same, in USD
  double rows = 0;
  double weak = 0;
  double strong = 0;
  double cost_weak = 0;
  double cost_strong = 0;

  // After the first `step` steps have gone up.
  [[nodiscard]] CurvePoint point(double threshold, double up, double gained, double paid) const {
    return {threshold, up / rows, (weak + gained) / rows, (cost_weak + paid) / rows};
  }
};

Ranking::Ranking(std::string name, std::vector<double> scores, const Outcomes& rows, Pattern pattern)
    : name_(std::move(name)), scores_(std::move(scores)), rows_(rows), pattern_(pattern) {
  std::vector<std::size_t> order(scores_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, std::ranges::greater(), [&](std::size_t i) { return scores_[i]; });
  step_.resize(scores_.size());
  for (const std::size_t i : order) {
    if (values_.empty() || values_.back() != scores_[i]) values_.push_back(scores_[i]);
    step_[i] = values_.size() - 1;
  }
}

Ranking::Steps Ranking::tally(std::span<const double> weights) const {
  Steps out;
  out.count.resize(values_.size());
  out.gain.resize(values_.size());
  out.cost.resize(values_.size());
  for (std::size_t i = 0; i < step_.size(); ++i) {
    const double weight = weights[i];
    if (weight == 0) continue;
    out.rows += weight;
    out.weak += weight * rows_.weak[i];
    out.strong += weight * rows_.strong[i];
    out.count[step_[i]] += weight;
    out.gain[step_[i]] += weight * (rows_.strong[i] - rows_.weak[i]);
    if (!rows_.has_costs()) continue;
    out.cost_weak += weight * rows_.cost_weak_usd[i];
    out.cost_strong += weight * rows_.cost_strong_usd[i];
    const double saved = pattern_ == Pattern::cascade ? 0 : rows_.cost_weak_usd[i];
    out.cost[step_[i]] += weight * (rows_.cost_strong_usd[i] - saved);
  }
  return out;
}

std::vector<CurvePoint> Ranking::curve(std::span<const double> weights) const {
  const Steps steps = tally(weights);
  std::vector<CurvePoint> out;
  if (steps.rows == 0) return out;
  out.reserve(values_.size() + 1);
  double up = 0;
  double gained = 0;
  double paid = 0;
  out.push_back(steps.point(std::numeric_limits<double>::infinity(), 0, 0, 0));
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (steps.count[i] == 0) continue;
    up += steps.count[i];
    gained += steps.gain[i];
    paid += steps.cost[i];
    out.push_back(steps.point(values_[i], up, gained, paid));
  }
  return out;
}

std::vector<CurvePoint> Ranking::decile_points(std::span<const double> weights) const {
  const std::vector<CurvePoint> exact = curve(weights);
  if (exact.empty()) return {};
  const double rows = std::accumulate(weights.begin(), weights.end(), 0.0);
  // The score at a place in ascending order, from 0: walking down the curve, the first point whose share covers it.
  std::size_t at = exact.size() - 1;
  const auto score_at = [&](double place) {
    while (at > 1 && std::round((1 - exact[at - 1].share) * rows) <= place) --at;
    return exact[at].threshold;
  };
  std::vector<CurvePoint> out;
  std::size_t last = exact.size() - 1;
  for (std::size_t i = 0; i < deciles; ++i) {
    const double place = (rows - 1) * static_cast<double>(i) / deciles;
    const double low = score_at(std::floor(place));
    const double high = score_at(std::ceil(place));
    const double threshold = between(low, high, place - std::floor(place));
    while (last > 0 && exact[last].threshold < threshold) --last;
    out.push_back(exact[last]);
    out.back().threshold = threshold;
  }
  out.push_back(exact.front());
  out.back().threshold = exact[1].threshold;
  std::ranges::reverse(out);
  return out;
}

Measures Ranking::measure(std::span<const double> weights) const {
  Measures out;
  const std::vector<CurvePoint> exact = curve(weights);
  out.apgr = out.apgr_exact = out.apgr_cost = nan;
  out.cpt.fill(nan);
  out.cpt_exact.fill(nan);
  if (exact.empty()) return out;
  const double weak = exact.front().quality;
  const double strong = exact.back().quality;
  if (strong <= weak) return out;
  const std::vector<CurvePoint> points = decile_points(weights);
  out.apgr = (area(points) - weak) / (strong - weak);
  out.apgr_exact = (area(exact) - weak) / (strong - weak);
  for (std::size_t i = 0; i < cpt_levels.size(); ++i) {
    const double wanted = cpt_levels[i] * (strong - weak) + weak;
    out.cpt[i] = share_as_numpy(points, wanted);
    out.cpt_exact[i] = first_share(exact, wanted);
  }
  if (!rows_.has_costs()) return out;
  const double from = mean(rows_.cost_weak_usd, weights);
  const double to = mean(rows_.cost_strong_usd, weights);
  if (to > from) out.apgr_cost = (area_in_cost(exact, from, to) / (to - from) - weak) / (strong - weak);
  return out;
}

double quality_at_share(std::span<const CurvePoint> curve, double share) {
  const auto right = std::ranges::lower_bound(curve, share, {}, &CurvePoint::share);
  if (right == curve.begin()) return curve.front().quality;
  if (right == curve.end()) return curve.back().quality;
  const CurvePoint& left = *(right - 1);
  return between(left.quality, right->quality, (share - left.share) / (right->share - left.share));
}

double quality_at_cost(std::span<const CurvePoint> curve, double cost_usd) {
  if (cost_usd < curve.front().cost_usd) return nan;
  double best = curve.front().quality;
  for (std::size_t i = 1; i < curve.size(); ++i) {
    const CurvePoint& a = curve[i - 1];
    const CurvePoint& b = curve[i];
    if (b.cost_usd <= cost_usd) {
      best = b.quality;
      continue;
    }
    if (a.cost_usd <= cost_usd)
      best = between(a.quality, b.quality, (cost_usd - a.cost_usd) / (b.cost_usd - a.cost_usd));
    break;
  }
  return best;
}

}  // namespace triage::offline
