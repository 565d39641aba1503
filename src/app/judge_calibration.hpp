#pragma once
// How far a judge can be trusted: its grades beside people's, and the mean that people would give to all of its
// answers.

#include "statistics/prediction_powered.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace triage {

/// An answer that the judge has graded.
struct JudgedAnswer {
  std::string route;
  std::string arm;  ///< empty: in no experiment
  double judge = 0;
  std::optional<double> person = {};  ///< absent: no person has
};

struct JudgeCalibration {
  std::string route;
  std::string arm;
  std::size_t judged = 0;
  std::size_t labelled = 0;                 ///< of these
  double judge_mean = 0;                    ///< of all
  double agreement = 0;                     ///< share of the labelled on which both say good (0.5 or more), or both bad
  std::optional<double> kappa;              ///< Cohen's, of the same; absent: one of them always says the same
  double bias = 0;                          ///< mean of the judge's grade less the person's
  std::optional<statistics::Corrected> of;  ///< absent: too few labels
};

/// One for each route and arm, in alphabetical order. Spot checks are drawn by ranges of the judge's score
/// (app/spotcheck.hpp), so a label counts for as many answers as its range has for each label. Pure.
std::vector<JudgeCalibration> calibrate_judge(const std::vector<JudgedAnswer>& answers, double confidence);

/// Of the judge's score: 0 below 0.5, 1 below 0.9, 2.
std::size_t score_range(double score) noexcept;
inline constexpr std::size_t score_ranges = 3;

std::string calibration_text(const std::vector<JudgeCalibration>& found, double confidence);
std::string calibration_json(const std::vector<JudgeCalibration>& found, double confidence);

}  // namespace triage
