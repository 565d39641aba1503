#include "similarity/sketch.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace triage::similarity {
namespace {

float largest_of(std::span<const float> values) noexcept {
  float out = 0;
  for (const float value : values) out = std::max(out, std::abs(value));
  return out;
}

double squared(std::span<const float> values) noexcept {
  double out = 0;
  for (const float value : values) out += static_cast<double>(value) * static_cast<double>(value);
  return out;
}

}  // namespace

Rounded::Rounded(std::span<const float> vector) : numbers(vector.size()), scale(largest_of(vector) / 127) {
  if (!(scale > std::numeric_limits<float>::min())) {
    scale = 0;
    loss = static_cast<float>(std::sqrt(squared(vector)));
    return;
  }
  double lost = 0;
  for (std::size_t i = 0; i < vector.size(); ++i) {
    const auto number = static_cast<std::int8_t>(std::clamp(std::nearbyint(vector[i] / scale), -127.0F, 127.0F));
    numbers.set(i, number);
    sum += number;
    const double error = static_cast<double>(vector[i]) - static_cast<double>(number) * static_cast<double>(scale);
    lost += error * error;
  }
  loss = static_cast<float>(std::sqrt(lost));
}

Sketches::Sketches(std::size_t rows, std::size_t dimensions)
    : units_((dimensions + unit_dimensions - 1) / unit_dimensions),
      codes_(rows * stride()),
      scales_(rows),
      losses_(rows) {}

std::uint8_t Sketches::code_of(float value, float scale) noexcept {
  return static_cast<std::uint8_t>(std::clamp(value / scale + middle + 0.5F, 0.0F, 15.0F));
}

float Sketches::restored(std::uint8_t code, float scale) noexcept {
  return (static_cast<float>(code) - middle) * scale;
}

// Codes that do not reach the largest value are finer for all others: the best of a few reaches.
Sketches::Fit Sketches::best_fit(std::span<const float> vector, float largest) noexcept {
  Fit best{0, std::numeric_limits<double>::infinity()};
  for (const float reach : {1.0F, 0.85F, 0.7F, 0.55F}) {
    Fit fit{largest * reach / middle, 0};
    for (const float value : vector) {
      const float left = value - restored(code_of(value, fit.scale), fit.scale);
      fit.lost += static_cast<double>(left) * static_cast<double>(left);
    }
    if (fit.lost < best.lost) best = fit;
  }
  return best;
}

void Sketches::set(std::size_t row, std::span<float> vector) {
  const float largest = largest_of(vector);
  const double before = squared(vector);
  const bool blank = !(largest > std::numeric_limits<float>::min() * 16);  // a step would not be a normal number
  const Fit fit = blank ? Fit{0, before} : best_fit(vector, largest);
  scales_[row] = fit.scale;
  losses_[row] = static_cast<float>(std::sqrt(fit.lost));
  longest_ = std::max(longest_, static_cast<float>(std::sqrt(before)) + losses_[row]);
  if (blank) return;
  std::uint8_t* const codes = &codes_[row * stride()];
  for (std::size_t i = 0; i < vector.size(); ++i) {
    const std::size_t inside = i % unit_dimensions;
    const std::uint8_t code = code_of(vector[i], fit.scale);
    codes[i / unit_dimensions * unit_bytes + inside % unit_bytes] |=
        static_cast<std::uint8_t>(inside < unit_bytes ? code : code << 4);
    vector[i] -= restored(code, fit.scale);
  }
}

void Sketches::dots(std::span<const std::uint32_t> rows, const Rounded& query, float* out) const noexcept {
  const std::uint8_t* codes[dots_max];
  std::int32_t products[dots_max];
  for (std::size_t i = 0; i < rows.size(); ++i) codes[i] = codes_.data() + rows[i] * stride();
  code_dots(width_, {codes, rows.size()}, query.numbers, products);
  const float offset = middle * static_cast<float>(query.sum);
  for (std::size_t i = 0; i < rows.size(); ++i)
    out[i] = scales_[rows[i]] * query.scale * (static_cast<float>(products[i]) - offset);
}

}  // namespace triage::similarity
