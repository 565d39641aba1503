#include "offline/outcomes.hpp"

namespace triage::offline {

Weights ones(const Outcomes& rows) {
  return Weights(rows.size(), 1.0);
}

double mean(std::span<const double> column, std::span<const double> weights) noexcept {
  double sum = 0;
  double count = 0;
  for (std::size_t i = 0; i < column.size(); ++i) {
    sum += column[i] * weights[i];
    count += weights[i];
  }
  return count > 0 ? sum / count : 0;
}

void resample(const Outcomes& rows, Draws& draws, Weights& out) {
  std::vector<double> times(rows.units, 0.0);
  for (std::size_t i = 0; i < rows.units; ++i) ++times[draws.below(rows.units)];
  out.resize(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) out[i] = times[rows.unit[i]];
}

}  // namespace triage::offline
