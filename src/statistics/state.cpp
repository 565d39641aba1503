#include "statistics/state.hpp"

#include <algorithm>
#include <cmath>

namespace triage::statistics {

bool loadable(std::span<const double> state, std::size_t size) {
  return state.size() == size && std::ranges::all_of(state, [](double number) { return std::isfinite(number); });
}

std::vector<double> joined(std::initializer_list<std::span<const double>> parts) {
  std::vector<double> out;
  for (const std::span<const double> part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

}  // namespace triage::statistics
