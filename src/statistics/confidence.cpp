// A bet with factor 1 + x, where x = lambda (X - d) >= -c, grows by log(1 + x) >= x - k(c) x^2 with
// k(c) = (-log(1-c) - c) / c^2, since (x - log(1+x)) / x^2 falls in x (Fan, Grama and Liu 2015; Howard et al. 2021).
// Summed up it is a quadratic in lambda and d whose coefficients are sums over the data.
//
// An outcome in [0,1] also has log(1 + lambda (X - d)) >= X log(q/d) + (1-X) log((1-q)/(1-d)) for lambda =
// (q-d)/(d(1-d)), with equality where X is 0 or 1: the logarithm is concave. Averaged over q with the density of
// Jeffreys' prior, Beta(1/2,1/2), that is B(S+1/2, n-S+1/2) / B(1/2,1/2) / (d^S (1-d)^(n-S)).
#include "statistics/confidence.hpp"

#include "statistics/state.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

namespace triage::statistics {
namespace {

// The bets, as shares c of what can be lost at most. With c <= 1/2 the wealth falls in d.
constexpr std::array<double, 10> bets{0.5,      0.25,      0.125,      0.0625,      0.03125,
                                      0.015625, 0.0078125, 0.00390625, 0.001953125, 0.0009765625};

double curvature(double c) {
  return (-std::log1p(-c) - c) / (c * c);
}

double log_sum(double a, double b) {
  const double larger = std::max(a, b);
  return larger + std::log(std::exp(a - larger) + std::exp(b - larger));
}

double log_choose_half(double sum, double values) {  // log of B(S+1/2, n-S+1/2) / B(1/2,1/2)
  return std::lgamma(sum + 0.5) + std::lgamma(values - sum + 0.5) - std::lgamma(values + 1) -
         std::log(std::numbers::pi);
}

// log of d^sum (1-d)^(rest), where 0^0 is 1.
double log_likelihood(double d, double sum, double rest) {
  return (sum > 0 ? sum * std::log(d) : 0) + (rest > 0 ? rest * std::log1p(-d) : 0);
}

// Half of the mixture bets on a larger or a smaller mean by the density above, a quarter each on one of them by the
// sums.
double low_of_mean(double values, double sum, double squares, double alpha) {
  const WeightedSums sums{values, sum, values, sum, squares};
  const double density = std::log(0.5) + log_choose_half(sum, values);
  double low = 0;
  double high = sum / values;  // never excluded
  for (int i = 0; i < 50; ++i) {
    const double d = (low + high) / 2;
    const double wealth = log_sum(density - log_likelihood(d, sum, values - sum), std::log(0.25) + sums.log_wealth(d));
    (wealth >= -std::log(alpha) ? low : high) = d;
  }
  return low;
}

// The largest d below which every candidate is excluded, in [-1,1].
double low_of_difference(const WeightedSums& sums, double alpha) {
  const double enough = std::log(2 / alpha);
  constexpr int steps = 200;
  int step = 0;
  while (step < steps && sums.log_wealth(-1 + 2.0 * step / steps) >= enough) ++step;
  if (step == 0) return -1;
  double low = -1 + 2.0 * (step - 1) / steps;
  double high = -1 + 2.0 * step / steps;
  for (int i = 0; i < 40; ++i) {
    const double d = (low + high) / 2;
    (sums.log_wealth(d) >= enough ? low : high) = d;
  }
  return low;
}

}  // namespace

void WeightedSums::add(double w, double z) {
  weight += w;
  value += w * z;
  weight2 += w * w;
  weight2_value += w * w * z;
  weight2_value2 += w * w * z * z;
}

double WeightedSums::log_wealth(double d) const {
  const double first = value - d * weight;
  const double second = weight2_value2 - 2 * d * weight2_value + d * d * weight2;
  double out = -std::numeric_limits<double>::infinity();
  for (const double c : bets) {
    const double each = c * first - curvature(c) * c * c * second;
    out = out < each ? log_sum(each, out) : log_sum(out, each);
  }
  return out - std::log(static_cast<double>(bets.size()));
}

void ConfidenceSequence::add(double value) {
  if (std::isnan(value)) return;
  const double bounded = std::clamp(value, 0.0, 1.0);
  values_ += 1;
  sum_ += bounded;
  squares_ += bounded * bounded;
}

Interval ConfidenceSequence::interval(double alpha) const {
  if (values_ == 0) return {};
  return {low_of_mean(values_, sum_, squares_, alpha),
          1 - low_of_mean(values_, values_ - sum_, values_ - 2 * sum_ + squares_, alpha)};
}

std::vector<double> ConfidenceSequence::save() const {
  return {values_, sum_, squares_};
}

bool ConfidenceSequence::load(std::span<const double> state) {
  if (!loadable(state, 3)) return false;
  values_ = state[0];
  sum_ = state[1];
  squares_ = state[2];
  return true;
}

void DifferenceSequence::add(const Observation& seen) {
  if (!tells_something(seen)) return;
  const double value = std::clamp(seen.value, 0.0, 1.0);
  const double expected = (sum_ + 1) / (units_ + 2);
  const double treated = 1 / seen.share;
  const double untreated = 1 / (1 - seen.share);
  const double z = (value - expected) * (seen.treated ? treated : -untreated);
  // Z - d is at least -(the first + 1) and at most the second + 1 for d in [-1,1].
  above_.add(1 / (std::max(expected * treated, (1 - expected) * untreated) + 1), z);
  below_.add(1 / (std::max((1 - expected) * treated, expected * untreated) + 1), -z);
  units_ += 1;
  sum_ += value;
}

Interval DifferenceSequence::interval(double alpha) const {
  return {low_of_difference(above_, alpha), -low_of_difference(below_, alpha)};
}

double DifferenceSequence::estimate() const noexcept {
  const double weight = above_.weight + below_.weight;
  return weight == 0 ? 0 : (above_.value - below_.value) / weight;
}

std::vector<double> DifferenceSequence::save() const {
  std::vector<double> out{units_, sum_};
  for (const WeightedSums& each : {above_, below_})
    out.insert(out.end(), {each.weight, each.value, each.weight2, each.weight2_value, each.weight2_value2});
  return out;
}

bool DifferenceSequence::load(std::span<const double> state) {
  if (!loadable(state, 12)) return false;
  units_ = state[0];
  sum_ = state[1];
  above_ = {state[2], state[3], state[4], state[5], state[6]};
  below_ = {state[7], state[8], state[9], state[10], state[11]};
  return true;
}

}  // namespace triage::statistics
