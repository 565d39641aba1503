#include "offline/bootstrap.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace triage::offline {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

double quantile(const std::vector<double>& sorted, double part) {
  const double place = part * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - static_cast<double>(below));
}

}  // namespace

std::vector<Estimate> bootstrap(const Outcomes& rows, const Resampling& how, const Statistics& statistics) {
  const std::vector<double> values = statistics(ones(rows));
  std::vector<std::vector<double>> seen(values.size());
  Draws draws(how.seed);
  Weights weights;
  for (std::size_t i = 0; i < how.resamples; ++i) {
    resample(rows, draws, weights);
    const std::vector<double> again = statistics(weights);
    for (std::size_t k = 0; k < again.size(); ++k)
      if (!std::isnan(again[k])) seen[k].push_back(again[k]);
    if (how.progress) how.progress(i + 1);
  }
  std::vector<Estimate> out;
  for (std::size_t k = 0; k < values.size(); ++k) {
    Estimate estimate{values[k], {nan, nan}};
    if (!seen[k].empty() && seen[k].size() * 2 >= how.resamples) {
      std::ranges::sort(seen[k]);
      estimate.interval = {quantile(seen[k], 0.025), quantile(seen[k], 0.975)};
    }
    out.push_back(estimate);
  }
  return out;
}

}  // namespace triage::offline
