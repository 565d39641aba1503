#pragma once
// From a score to a probability: what a verifier's raw number means, learnt from graded answers.
//
// The file is JSON: {"v":1,"kind":"platt","a":A,"b":B}: p = 1 / (1 + exp(-(A x + B))), or
// {"v":1,"kind":"isotonic","points":[[x,p],...]}: x rises, p never falls; linear between the points, constant outside.
// Platt 1999; Zadrozny and Elkan 2002.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace triage::verify {

struct CalibrationPoint {
  double x = 0;
  double p = 0;
};

struct Calibration {
  bool isotonic = false;
  double a = 1;  ///< of Platt's curve
  double b = 0;
  std::vector<CalibrationPoint> points;  ///< at least one if isotonic

  /// 0..1, for any x that is not NaN.
  [[nodiscard]] double probability(double x) const;
};

/// What is wrong with `text` as a calibration; nullopt: nothing, and it is in `out`.
std::optional<std::string> read_calibration(std::string_view text, Calibration& out);

/// Why `file` cannot be used, as a sentence; nullopt: it can be used.
std::optional<std::string> check_calibration(const std::string& file);

/// Throws std::runtime_error with check_calibration()'s sentence.
Calibration load_calibration(const std::string& file);

/// The content of a calibration file, ending in a line break.
std::string write_calibration(const Calibration& calibration);

/// One answer: its raw score, and whether it was right.
struct Graded {
  double x = 0;
  bool right = false;
};

/// Newton's method on Platt's likelihood, with his targets ((n+ + 1)/(n+ + 2), 1/(n- + 2)) against certainty from few
/// answers (Lin, Lin and Weng 2007). nullopt: right or wrong answers are missing, or an x is NaN.
std::optional<Calibration> fit_platt(std::span<const Graded> answers);

/// Pool adjacent violators, in pools of at least 20 answers (a fifth of all, if they are few), each with one right and
/// one wrong answer added after Laplace, so that nothing is certain. nullopt: there are no answers, or an x is NaN.
std::optional<Calibration> fit_isotonic(std::span<const Graded> answers);

/// Expected calibration error over `bins` bins of equal width, and the Brier score: 0 is best for both.
struct CalibrationError {
  double expected = 0;
  double brier = 0;
};
CalibrationError calibration_error(const Calibration& calibration, std::span<const Graded> answers, int bins = 10);

}  // namespace triage::verify
