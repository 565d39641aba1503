#include "base/unit_vector.hpp"

#include <cmath>
#include <cstddef>

namespace triage {

double cosine(std::span<const float> a, std::span<const float> b) noexcept {
  // A product of floats is exact as a double, and the order of the sums is fixed.
  using Sums = double __attribute__((vector_size(16)));
  Sums even{};
  Sums odd{};
  std::size_t i = 0;
  for (; i + 4 <= a.size(); i += 4) {
    even += Sums{a[i], a[i + 1]} * Sums{b[i], b[i + 1]};
    odd += Sums{a[i + 2], a[i + 3]} * Sums{b[i + 2], b[i + 3]};
  }
  double sum = (even[0] + even[1]) + (odd[0] + odd[1]);
  for (; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

bool normalise(std::span<float> vector) noexcept {
  const double size = std::sqrt(cosine(vector, vector));
  if (!(size > 0) || !std::isfinite(size)) return false;
  for (float& value : vector) value = static_cast<float>(static_cast<double>(value) / size);
  return true;
}

}  // namespace triage
