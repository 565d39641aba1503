#include "similarity/sketch.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
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

constexpr float middle = 7.5F;       // a code c stands for (c - middle) * scale
constexpr float no_less = 1.00002F;  // more than float sums of a few thousand squares may lack

using Floats = float __attribute__((vector_size(16)));
using Numbers = std::int32_t __attribute__((vector_size(16)));
using Codes = std::uint8_t __attribute__((vector_size(4)));
constexpr std::size_t lanes = 4;

/// Codes of one scale. What has no four values left is taken as if zeros followed; these add to what is lost, which
/// stays a bound.
class Steps {
 public:
  explicit Steps(float scale) : scale_(scale), inverse_(scale > 0 ? 1 / scale : 0) {}
  [[nodiscard]] float scale() const noexcept { return scale_; }

  /// The squared length of what the codes of `values` leave of them.
  [[nodiscard]] float lost(std::span<const float> values) const noexcept {
    Floats sum{};
    for (std::size_t i = 0; i < values.size(); i += lanes) {
      const Floats left = left_of(load(values.subspan(i)));
      sum += left * left;
    }
    return sum[0] + sum[1] + sum[2] + sum[3];
  }

  /// Replaces `values`, at most as many as `codes`, by what their codes leave of them, and returns its squared length.
  float leave(std::span<float> values, std::span<std::uint8_t> codes) const noexcept {
    Floats sum{};
    for (std::size_t i = 0; i < values.size(); i += lanes) {
      const Floats four = load(values.subspan(i));
      const Numbers numbers = numbers_of(four);
      const Floats left = four - restored(numbers);
      sum += left * left;
      const auto bytes = __builtin_convertvector(numbers, Codes);
      std::memcpy(&codes[i], &bytes, sizeof bytes);
      if (values.size() - i >= lanes)
        std::memcpy(&values[i], &left, sizeof left);
      else
        std::memcpy(&values[i], &left, (values.size() - i) * sizeof(float));
    }
    return sum[0] + sum[1] + sum[2] + sum[3];
  }

 private:
  static Floats load(std::span<const float> values) noexcept {
    Floats out{};
    if (values.size() >= lanes)
      std::memcpy(&out, values.data(), sizeof out);
    else
      std::memcpy(&out, values.data(), values.size() * sizeof(float));
    return out;
  }
  [[nodiscard]] Numbers numbers_of(Floats values) const noexcept {
    const Floats steps = values * inverse_ + (middle + 0.5F);
    const Floats above = steps < 0 ? Floats{} : steps;
    const Floats within = above > 15 ? Floats{} + 15 : above;
    return __builtin_convertvector(within, Numbers);
  }
  [[nodiscard]] Floats restored(Numbers numbers) const noexcept {
    return (__builtin_convertvector(numbers, Floats) - middle) * scale_;
  }
  [[nodiscard]] Floats left_of(Floats values) const noexcept { return values - restored(numbers_of(values)); }

  float scale_;
  float inverse_;
};

// Codes that do not reach the largest value are finer for all others: the best of a few reaches.
float best_scale(std::span<const float> vector, float largest) noexcept {
  float best = 0;
  float least = std::numeric_limits<float>::infinity();
  for (const float reach : {1.0F, 0.85F, 0.7F, 0.55F}) {
    const float scale = largest * reach / middle;
    const float lost = Steps(scale).lost(vector);
    if (lost >= least) continue;
    least = lost;
    best = scale;
  }
  return best;
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

void Sketches::set(std::size_t row, std::span<float> vector) {
  const float largest = largest_of(vector);
  const double before = squared(vector);
  const bool blank = !(largest > std::numeric_limits<float>::min() * 16);  // a step would not be a normal number
  const Steps steps(blank ? 0 : best_scale(vector, largest));
  float lost = 0;
  for (std::size_t unit = 0; unit < units_ && !blank; ++unit) {
    const std::size_t at = unit * unit_dimensions;
    std::array<std::uint8_t, unit_dimensions> codes{};
    lost += steps.leave(vector.subspan(at, std::min(unit_dimensions, vector.size() - at)), codes);
    std::uint8_t* const out = &codes_[row * stride() + unit * unit_bytes];
    for (std::size_t i = 0; i < unit_bytes; ++i)
      out[i] = static_cast<std::uint8_t>(codes[i] | codes[i + unit_bytes] << 4);
  }
  scales_[row] = steps.scale();
  losses_[row] = blank ? static_cast<float>(std::sqrt(before)) : std::sqrt(lost) * no_less;
  longest_ = std::max(longest_, static_cast<float>(std::sqrt(before)) + losses_[row]);
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
