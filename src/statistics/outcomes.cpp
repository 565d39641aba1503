#include "statistics/outcomes.hpp"

#include "statistics/state.hpp"

#include <algorithm>
#include <cmath>

namespace triage::statistics {
namespace {

const double log_growth = std::log(1.04);
constexpr double total_max = 4'000;
constexpr double latencies_min = 50;
constexpr double costs_needed = 200;

}  // namespace

void RunningQuantile::add(double value) {
  if (std::isnan(value)) return;
  const double bin = std::log(std::clamp(value, 1.0, 1e12)) / log_growth;
  counts_[std::min(bins - 1, static_cast<std::size_t>(bin))] += 1;
  total_ += 1;
  if (total_ < total_max) return;
  for (double& count : counts_) count /= 2;
  total_ /= 2;
}

double RunningQuantile::quantile(double probability) const {
  double below = total_ * probability;
  std::size_t last = 0;  // bin with a count
  for (std::size_t bin = 0; bin < bins; ++bin) {
    if (counts_[bin] == 0) continue;
    last = bin;
    if (below <= counts_[bin]) break;
    below -= counts_[bin];
  }
  if (total_ == 0) return 0;
  const double within = std::clamp(below / counts_[last], 0.0, 1.0);
  return std::exp((static_cast<double>(last) + within) * log_growth);
}

std::vector<double> RunningQuantile::save() const {
  std::vector<double> out{total_};
  for (std::size_t bin = 0; bin < bins; ++bin)
    if (counts_[bin] != 0) out.insert(out.end(), {static_cast<double>(bin), counts_[bin]});
  return out;
}

bool RunningQuantile::load(std::span<const double> state) {
  if (state.size() % 2 != 1 || !loadable(state, state.size())) return false;
  RunningQuantile loaded;
  loaded.total_ = state[0];
  for (std::size_t i = 1; i < state.size(); i += 2) {
    if (state[i] < 0 || state[i] >= static_cast<double>(bins)) return false;
    loaded.counts_[static_cast<std::size_t>(state[i])] = state[i + 1];
  }
  *this = loaded;
  return true;
}

std::optional<double> LatencyOutcome::outcome(double latency_ms) const {
  if (latencies_.values() < latencies_min) return std::nullopt;
  return latency_ms > latencies_.quantile(0.95) ? 1.0 : 0.0;
}

std::optional<double> CostOutcome::outcome(double cost_nano_usd) const {
  if (cap_ <= 0) return std::nullopt;
  return std::clamp(cost_nano_usd, 0.0, cap_) / cap_;
}

void CostOutcome::learn(double control_cost_nano_usd) {
  if (cap_ > 0 || !(control_cost_nano_usd > 0)) return;
  costs_.add(control_cost_nano_usd);
  if (costs_.values() < costs_needed) return;
  cap_ = costs_.quantile(0.99);
  costs_ = RunningQuantile();
}

std::vector<double> CostOutcome::save() const {
  const std::array numbers{cap_};
  return joined({numbers, costs_.save()});
}

bool CostOutcome::load(std::span<const double> state) {
  if (state.empty() || !std::isfinite(state[0]) || !costs_.load(state.subspan(1))) return false;
  cap_ = state[0];
  return true;
}

}  // namespace triage::statistics
