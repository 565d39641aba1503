#pragma once
// Made-up rows for the tests of src/offline.

#include "offline/outcomes.hpp"

#include <cstdint>
#include <vector>

namespace triage::offline {

/// Rows with these outcomes, each a question of its own.
inline Outcomes outcomes_of(std::vector<double> weak, std::vector<double> strong) {
  Outcomes out;
  out.units = weak.size();
  for (std::size_t i = 0; i < out.units; ++i) out.unit.push_back(i);
  out.weak = std::move(weak);
  out.strong = std::move(strong);
  return out;
}

struct Sample {
  Outcomes rows;
  std::vector<double> scores;
};

/// `count` questions: the score is uniform, the weak model is right with probability 1 - score, the strong one with
/// 0.9 - 0.2 score.
inline Sample draw_sample(std::size_t count, std::uint64_t seed) {
  Draws draws(seed);
  constexpr std::size_t fine = 1'000'000;
  const auto uniform = [&] { return static_cast<double>(draws.below(fine)) / fine; };
  Sample out;
  std::vector<double> weak;
  std::vector<double> strong;
  for (std::size_t i = 0; i < count; ++i) {
    const double score = uniform();
    out.scores.push_back(score);
    weak.push_back(uniform() < 1 - score ? 1 : 0);
    strong.push_back(uniform() < 0.9 - 0.2 * score ? 1 : 0);
  }
  out.rows = outcomes_of(std::move(weak), std::move(strong));
  return out;
}

}  // namespace triage::offline
