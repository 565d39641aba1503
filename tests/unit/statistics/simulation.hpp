#pragma once
// Experiments that are drawn by chance, with a seed: the same numbers on every machine.

#include "statistics/guardrail.hpp"
#include "statistics/outcomes.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numbers>
#include <optional>
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

enum class Measure : std::uint8_t { itself, latency, cost };

/// What a guardrail watches. `draw` gives a unit's value; `bad` says whether it gets what a bad treatment gives.
struct Metric {
  std::string_view name;
  bool larger_is_better;
  double margin;  ///< about a tenth of the effect, as a difference of outcomes
  Measure measure;
  std::function<double(Draws&, bool bad)> draw;
  int median_half;   ///< units in both arms until the median run finds it, at most: share 50 %
  int median_tenth;  ///< share 10 %
};

inline double coin(Draws& draws, double probability) {
  return draws.chance(probability) ? 1 : 0;
}

/// Latencies are lognormal with a standard deviation of 0.6 in the logarithm, costs with 1.0; judges' scores are normal
/// with 0.18.
inline std::vector<Metric> metrics() {
  const auto coins = [](double good, double bad) {
    return [good, bad](Draws& draws, bool is_bad) { return coin(draws, is_bad ? bad : good); };
  };
  const auto lognormal = [](double deviation, double factor) {
    return
        [=](Draws& draws, bool is_bad) { return 1'000 * std::exp(deviation * draws.normal()) * (is_bad ? factor : 1); };
  };
  const auto score = [](Draws& draws, bool is_bad) {
    return std::clamp((is_bad ? 0.70 : 0.75) + 0.18 * draws.normal(), 0.0, 1.0);
  };
  return {{"thumbs 0.80 -> 0.70", true, 0.01, Measure::itself, coins(0.80, 0.70), 680, 1920},
          {"error 0.01 -> 0.05", false, 0.004, Measure::itself, coins(0.01, 0.05), 730, 2670},
          {"refusal 0.05 -> 0.10", false, 0.005, Measure::itself, coins(0.05, 0.10), 1030, 2730},
          {"escalation 0.20 -> 0.30", false, 0.01, Measure::itself, coins(0.20, 0.30), 740, 1830},
          {"judge 0.75 -> 0.70", true, 0.005, Measure::itself, score, 490, 1960},
          {"latency x 1.25", false, 0.005, Measure::latency, lognormal(0.6, 1.25), 930, 2650},
          {"cost x 1.2", false, 0.002, Measure::cost, lognormal(1.0, 1.2), 1780, 5100}};
}

/// Turns values into outcomes, as the gateway does: by what control's earlier units had.
class Measuring {
 public:
  explicit Measuring(Measure measure) : measure_(measure), cost_(0) {}

  std::optional<double> outcome(double value, bool treated) {
    if (measure_ == Measure::itself) return value;
    const std::optional<double> out = measure_ == Measure::latency ? latency_.outcome(value) : cost_.outcome(value);
    if (!treated && measure_ == Measure::latency) latency_.learn(value);
    if (!treated && measure_ == Measure::cost) cost_.learn(value);
    return out;
  }

 private:
  Measure measure_;
  LatencyOutcome latency_;
  CostOutcome cost_;
};

/// How often an event may be seen in `runs` runs if its probability is `probability`: and two standard errors.
inline double at_most(double probability, int runs) {
  return probability + 2 * std::sqrt(probability * (1 - probability) / runs);
}

}  // namespace triage::statistics
