#pragma once
// Experiments that are drawn by chance, with a seed: the same numbers on every machine.

#include "statistics/guardrail.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numbers>
#include <string_view>
#include <vector>

namespace triage::statistics {

/// splitmix64 (Steele, Lea and Flood 2014).
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }  // [0,1)
  bool chance(double probability) { return uniform() < probability; }
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(uniform() * static_cast<double>(bound)); }
  double normal() {  // Box and Muller
    return std::sqrt(-2 * std::log(1 - uniform())) * std::cos(2 * std::numbers::pi * uniform());
  }
  double exponential() { return -std::log(1 - uniform()); }

 private:
  std::uint64_t state_;
};

/// A guardrail's outcome: `bad` says whether the unit gets what a bad treatment gives.
struct Metric {
  std::string_view name;
  bool larger_is_better;
  double margin;  ///< small: about a tenth of the effect below
  std::function<double(Draws&, bool bad)> outcome;
  int median_half;   ///< units in both arms until the median run finds it, at most: share 50 %
  int median_tenth;  ///< share 10 %
};

inline double coin(Draws& draws, double probability) {
  return draws.chance(probability) ? 1 : 0;
}

/// Latencies are lognormal with a standard deviation of 0.6 in the logarithm, costs of 1.0 with control's 99th
/// percentile as the cap; judges' scores are normal with 0.18.
inline std::vector<Metric> metrics() {
  constexpr double z95 = 1.6448536269514722;
  constexpr double z99 = 2.3263478740408408;
  return {
      {"thumbs 0.80 -> 0.70", true, 0.01, [](Draws& d, bool bad) { return coin(d, bad ? 0.70 : 0.80); }, 680, 1920},
      {"error 0.01 -> 0.05", false, 0.005, [](Draws& d, bool bad) { return coin(d, bad ? 0.05 : 0.01); }, 730, 2670},
      {"refusal 0.05 -> 0.10", false, 0.005, [](Draws& d, bool bad) { return coin(d, bad ? 0.10 : 0.05); }, 1030, 2730},
      {"escalation 0.20 -> 0.30", false, 0.01, [](Draws& d, bool bad) { return coin(d, bad ? 0.30 : 0.20); }, 740,
       1830},
      {"judge 0.75 -> 0.70", true, 0.005,
       [](Draws& d, bool bad) { return std::clamp((bad ? 0.70 : 0.75) + 0.18 * d.normal(), 0.0, 1.0); }, 490, 1960},
      {"latency x 1.25", false, 0.005,
       [](Draws& d, bool bad) {
         return std::exp(0.6 * d.normal()) * (bad ? 1.25 : 1) > std::exp(0.6 * z95) ? 1.0 : 0.0;
       },
       930, 2650},
      {"cost x 1.2", false, 0.002,
       [](Draws& d, bool bad) {
         const double cap = std::exp(z99);
         return std::min(cap, std::exp(d.normal()) * (bad ? 1.2 : 1)) / cap;
       },
       1780, 5100},
  };
}

/// How often an event may be seen in `runs` runs if its probability is `probability`: and two standard errors.
inline double at_most(double probability, int runs) {
  return probability + 2 * std::sqrt(probability * (1 - probability) / runs);
}

}  // namespace triage::statistics
