#include "experiment/savings.hpp"

#include <algorithm>
#include <cmath>

namespace triage::experiment {
namespace {

constexpr std::uint32_t treated_bit = 1U << 31;
constexpr double quantile_95 = 1.959963984540054;

}  // namespace

double ArmCost::variance() const noexcept {
  if (units < 2 || n <= 0) return 0;
  const double r = mean();
  const double sum = std::max(0.0, cc - 2 * r * nc + r * r * nn);
  return units / (units - 1) * sum / (n * n);
}

// A unit that changes its arm begins anew there, and what it was before stays where it was.
void Savings::add(std::uint32_t unit, bool treated, int requests, double nano_usd) {
  if (units_.size() <= unit) units_.resize(unit + 1UL);
  UnitCost& it = units_[unit];
  if (((it.requests & treated_bit) != 0) != treated) it = {0, treated ? treated_bit : 0};
  ArmCost& arm = arms_[treated ? 1 : 0];
  const double n = it.requests & ~treated_bit;
  const double c = it.nano_usd;
  it.requests += static_cast<std::uint32_t>(requests);
  it.nano_usd += static_cast<float>(nano_usd);
  const double n1 = it.requests & ~treated_bit;
  const double c1 = it.nano_usd;
  if (n == 0 && c == 0) arm.units += 1;
  arm.n += n1 - n;
  arm.c += c1 - c;
  arm.nn += n1 * n1 - n * n;
  arm.nc += n1 * c1 - n * c;
  arm.cc += c1 * c1 - c * c;
}

std::optional<Interval> Savings::saved() const {
  const ArmCost& control = arms_[0];
  const ArmCost& treatment = arms_[1];
  if (control.units < 2 || treatment.units < 2 || control.c <= 0 || treatment.n <= 0) return std::nullopt;
  const double ratio = treatment.mean() / control.mean();
  const double spread =
      quantile_95 * std::sqrt(treatment.variance() + ratio * ratio * control.variance()) / control.mean();
  return Interval{1 - ratio, 1 - ratio - spread, 1 - ratio + spread};
}

}  // namespace triage::experiment
