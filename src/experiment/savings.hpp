#pragma once
// What a request costs in each arm, with an interval. Requests of one unit resemble each other, so the unit is what is
// independent: the mean is a ratio of sums over units, its variance that of a ratio estimate (Cochran, Sampling
// Techniques, 1977, 6.3).

#include "experiment/archive.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace triage::experiment {

struct Interval {
  double estimate = 0;
  double low = 0;
  double high = 0;
};

/// Requests, and what they cost, in one arm. Sums over units, of which each has `n` requests that cost `c` nano-USD.
struct ArmCost {
  double n = 0;
  double c = 0;
  double nn = 0;
  double nc = 0;
  double cc = 0;
  double units = 0;

  [[nodiscard]] double mean() const noexcept { return n > 0 ? c / n : 0; }
  /// Of mean().
  [[nodiscard]] double variance() const noexcept;
};

template <>
inline constexpr bool is_plain<ArmCost> = true;

/// What a unit has cost since it is in the arm that it is in.
struct UnitCost {
  float nano_usd = 0;
  std::uint32_t requests = 0;  ///< the highest bit: in the treatment
};
template <>
inline constexpr bool is_plain<UnitCost> = true;

class Savings {
 public:
  /// A request of `unit`, or a grade of its answer (`requests` 0), cost so much.
  void add(std::uint32_t unit, bool treated, int requests, double nano_usd);

  [[nodiscard]] const ArmCost& arm(bool treated) const noexcept { return arms_[treated ? 1 : 0]; }
  /// What a request of the treatment costs less than one of control, as a share of that: 0.3 is 30 % cheaper. 95 %, by
  /// the normal approximation (delta method), for one look. nullopt: fewer than two units in an arm, or control is
  /// free.
  [[nodiscard]] std::optional<Interval> saved() const;

  [[nodiscard]] std::size_t bytes() const noexcept { return units_.capacity() * sizeof(UnitCost); }
  template <class A>
  friend void archive(A& a, Savings& savings) {
    archive(a, savings.units_);
    for (ArmCost& arm : savings.arms_) archive(a, arm);
  }

 private:
  std::vector<UnitCost> units_;  // by number
  std::array<ArmCost, 2> arms_;  // control, treatment
};

}  // namespace triage::experiment
