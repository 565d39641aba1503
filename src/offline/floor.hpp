#pragma once
// Thresholds that carry a guarantee: with probability at least `confidence` over the labelled rows, the chosen
// threshold keeps the mean quality at or above `floor` times that of always-strong, for questions of the same kind.
//
// Learn then Test (Angelopoulos et al. 2021, arXiv:2110.01052). For each threshold t the hypothesis is that the mean of
//
//   loss(t) = floor * strong - routed(t)        in [-1, floor] for each question
//
// is above 0, that is, that t breaks the floor. Thresholds are tested in a fixed order, from the one that sends
// everything up to ever higher ones, each at level 1 - confidence, until one is not rejected; the last one before it is
// chosen. (At the beginning of that order the loss is never positive, so nothing has to be tested there.) The order
// must not depend on the rows, so it is a fixed grid over 0..1.
//
// The test is a bet (Waudby-Smith & Ramdas 2024, "Estimating means of bounded random variables by betting", JRSS B 86):
// if the hypothesis holds, the wealth prod (1 - b * loss), question by question, is a supermartingale that starts at 1,
// for every b in [0, 1/floor), and so is the mean over several b. By Ville's inequality it ever reaches
// 1 / (1 - confidence) with a probability of at most 1 - confidence.
//
// Questions must be independent draws. They are bet on in an order drawn from a seed, because files are often sorted;
// rows of one question are averaged into one loss.

#include "offline/outcomes.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace triage::offline {

struct Floor {
  double rho = 0.95;        ///< share of always-strong's quality that is kept; in (0, 1)
  double confidence = 0.9;  ///< in (0, 1)
  std::uint64_t seed = 1;   ///< of the order of the questions
};

/// What a threshold does to the rows.
struct ThresholdEffect {
  double threshold = 0;  ///< rows with at least this score go up; 0: all
  double share = 1;      ///< that goes up
  double quality = 0;    ///< mean
  double kept = 1;       ///< quality / always-strong's quality; 1 if that is 0
};

struct FloorResult {
  bool certifiable = false;       ///< with that many questions, if a threshold were perfect
  std::size_t questions = 0;      ///< different ones among the rows
  std::size_t questions_min = 0;  ///< that are needed for any threshold at all
  ThresholdEffect certified;      ///< threshold 0, always-strong, if none above it is certified
  ThresholdEffect plug_in;        ///< the lowest share that keeps the floor on these rows: no guarantee
  /// About how many questions it takes to certify the next threshold that is not; nullopt: it does not keep the floor
  /// on these rows, or all are certified.
  std::optional<std::size_t> questions_for_next;
};

/// Upper bound of thresholds, and the number of steps of the grid from 0 to it.
inline constexpr std::size_t threshold_steps = 1000;

/// Whether betting on `losses` (each in [-1, rho]), in this order, ever makes 1 into `wanted`.
bool ever_reaches(double wanted, std::span<const double> losses, double rho);

/// How many questions are needed even if a threshold never costs quality, and always-strong's mean quality is `strong`.
std::size_t questions_needed(const Floor& floor, double strong);

/// `scores`: one a row, 0..1; the higher go up.
FloorResult certify(const Outcomes& rows, std::span<const double> scores, const Floor& floor);

}  // namespace triage::offline
