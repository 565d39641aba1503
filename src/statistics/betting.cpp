// With A = 1 for the treatment, p its share, Y the outcome and s = 1 if larger is better, else -1:
//
//   Z = s (Y - m) (A/p - (1-A)/(1-p))        E[Z] = s (E[Y under treatment] - E[Y under control]) >= -margin
//   gain = -margin - Z                       E[gain] <= 0
//   wealth *= sum over bets of share * (1 + lambda * gain)
//
// m, the mean of both arms so far, only makes Z less noisy. lambda aims at an effect of `effects` standard deviations
// of Y: the bet that makes the wealth grow fastest is about effect / variance of Z. It is capped so that no bet loses
// more than nine tenths. m, lambda and the cap depend on the past and on p only.
//
// After each unit every bet gives a small part of what it has to a pool, which is paid out as at the beginning
// (Herbster and Warmuth 1998, "fixed share"): it moves wealth from bet to bet and adds none, so that the total stays
// what it was. Without it the bets are ruined by the time at which a treatment that was good for long turns bad.
#include "statistics/betting.hpp"

#include "statistics/state.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace triage::statistics {
namespace {

struct Aim {
  double effect;  // in standard deviations of the outcome; 0: keeps its wealth
  double share;
};

// Chosen by simulation (docs/statistics.md): most of it on effects of 0.1 to 0.3 standard deviations, such as thumbs-up
// from 0.80 to 0.70 (0.25), refusals from 0.05 to 0.10 (0.23).
constexpr std::array<Aim, BettingTest::bets> aims{{{0, 1.0 / 14},
                                                   {0.03, 0.5 / 14},
                                                   {0.06, 1.0 / 14},
                                                   {0.12, 3.0 / 14},
                                                   {0.2, 4.0 / 14},
                                                   {0.3, 3.0 / 14},
                                                   {0.45, 1.0 / 14},
                                                   {1.5, 0.5 / 14}}};
constexpr double loss_max = 0.9;        // of what a bet has
constexpr double pooled = 3e-4;         // of every bet, after each unit
constexpr double memory_units = 5'000;  // the mean and the spread follow a base rate that drifts
constexpr double prior_units = 2;       // of mean 1/2
constexpr double prior_spread_units = 4;
constexpr double variance_min = 1e-4;
constexpr double gain_min = 0.05;  // bounds lambda where nothing can be lost

}  // namespace

BettingTest::BettingTest(double margin, bool larger_is_better)
    : margin_(margin), sign_(larger_is_better ? 1 : -1), shares_{} {
  std::ranges::transform(aims, shares_.begin(), &Aim::share);
}

void BettingTest::add(const Observation& seen) {
  if (!tells_something(seen)) return;
  const double value = std::clamp(seen.value, 0.0, 1.0);
  const double expected = (sum_ + prior_units / 2) / (weight_ + prior_units);
  const double variance = std::max(
      variance_min, (spread_ + prior_spread_units * expected * (1 - expected)) / (weight_ + prior_spread_units));
  const double treated = 1 / seen.share;
  const double untreated = 1 / (1 - seen.share);
  const double z = sign_ * (value - expected) * (seen.treated ? treated : -untreated);
  const double z_max = sign_ > 0 ? std::max((1 - expected) * treated, expected * untreated)
                                 : std::max(expected * treated, (1 - expected) * untreated);
  bet(-margin_ - z, loss_max / std::max(z_max + margin_, gain_min), 1 / (std::sqrt(variance) * (treated + untreated)));
  learn(value, expected);
}

void BettingTest::bet(double gain, double bet_max, double scale) {
  for (std::size_t i = 0; i < bets; ++i) shares_[i] *= 1 + std::min(aims[i].effect * scale, bet_max) * gain;
  const double growth = std::accumulate(shares_.begin(), shares_.end(), 0.0);
  log_wealth_ += std::log(growth);
  for (std::size_t i = 0; i < bets; ++i) shares_[i] = (1 - pooled) * shares_[i] / growth + pooled * aims[i].share;
}

void BettingTest::learn(double value, double expected) {
  constexpr double kept = 1 - 1 / memory_units;
  units_ += 1;
  weight_ = weight_ * kept + 1;
  sum_ = sum_ * kept + value;
  spread_ = spread_ * kept + (value - expected) * (value - expected);
}

std::vector<double> BettingTest::save() const {
  const std::array numbers{log_wealth_, units_, weight_, sum_, spread_};
  return joined({numbers, shares_});
}

bool BettingTest::load(std::span<const double> state) {
  if (!loadable(state, state_size)) return false;
  log_wealth_ = state[0];
  units_ = state[1];
  weight_ = state[2];
  sum_ = state[3];
  spread_ = state[4];
  std::ranges::copy(state.subspan(5), shares_.begin());
  return true;
}

double log_threshold(double alpha) {
  return -std::log(alpha);
}

}  // namespace triage::statistics
