#pragma once
// The mean that people would give, from many of a judge's grades and a few of theirs: prediction-powered inference
// (Angelopoulos et al. 2023; with its power tuning, "PPI++", 2024). However bad the judge is, the interval stays right:
// a bad judge only makes it as wide as the people's grades alone would.

#include "statistics/interval.hpp"

#include <cstddef>
#include <optional>
#include <span>

namespace triage::statistics {

/// An answer that a person graded too. Both grades are in [0,1].
struct Labelled {
  double judge = 0;
  double person = 0;
  double weight = 1;  ///< one over the probability that it was picked for a person, up to a factor; > 0
};

struct Corrected {
  double mean = 0;
  Interval interval;
  double judge_alone = 0;   ///< the mean of the judge's grades, uncorrected
  double people_alone = 0;  ///< the mean of the people's
  double trust = 0;         ///< of the judge, in [0,1]: 0 uses the people's grades alone
  double agreement = 0;     ///< the mean of 1 - |judge - person|
  double effective_labels = 0;
};

inline constexpr double labels_needed = 20;

/// `labelled` are picked at random, with known weights, from the answers that also gave `judged`, the judge's grades of
/// other answers. The interval holds the true mean with probability `confidence`, in (0,1). Absent: the labels are
/// worth fewer than `labels_needed` of equal weight, or `judged` is empty.
std::optional<Corrected> corrected_mean(std::span<const Labelled> labelled, std::span<const double> judged,
                                        double confidence);

}  // namespace triage::statistics
