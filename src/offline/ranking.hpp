#pragma once
// How good a score is at telling which questions need the strong model, whatever the threshold.
//
// The rows with the highest scores go up. With s the share of rows that go up, Q(s) the mean quality, W and S those of
// always-weak and always-strong, PGR(s) = (Q(s) - W) / (S - W) is the performance gap recovered. APGR is its mean over
// s, CPT(p) the share at which PGR reaches p (Ong et al. 2024, "RouteLLM", arXiv:2406.18665). They are given twice:
//
//   as RouteLLM's code has them (lm-sys/RouteLLM, routellm/evals: MMLU.evaluate() in benchmarks.py, evaluate.py):
//   eleven thresholds at the deciles of the scores, interpolated linearly as by pandas.qcut; rows go up if their score
//   is at least the threshold, at the last one if it is above it; trapezoids between these points; CPT by numpy.interp
//   over them. Rows with equal scores go up together, so APGR says nothing useful of a score with few values.
//
//   exactly: a point for every value of the score. Rows with equal scores go up together too, and between two points
//   a random part of them does, so that a constant score gives exactly 1/2.

#include "offline/outcomes.hpp"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace triage::offline {

/// How a strong answer comes to be paid for.
enum class Pattern : std::uint8_t {
  pre_route,  ///< one model is called
  cascade     ///< the weak one is called first, always
};

/// Means over all rows when those with a score of at least `threshold` go up.
struct CurvePoint {
  double threshold = 0;  ///< infinity: none goes up
  double share = 0;      ///< that goes up, 0..1
  double quality = 0;
  double cost_usd = 0;  ///< 0 without costs
};

inline constexpr std::array<double, 3> cpt_levels{0.2, 0.5, 0.8};

/// NaN: not defined, because the strong model is not better, or never good enough.
struct Measures {
  double apgr = 0;              ///< RouteLLM's, like the next
  std::array<double, 3> cpt{};  ///< shares, at cpt_levels
  double apgr_exact = 0;
  std::array<double, 3> cpt_exact{};
  double apgr_cost = 0;  ///< over equal steps of cost from always-weak's to always-strong's; NaN without costs
};

/// The rows, ordered by a score.
class Ranking {
 public:
  /// `scores`: one a row, finite. `rows` must outlive the ranking.
  Ranking(std::string name, std::vector<double> scores, const Outcomes& rows, Pattern pattern);

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] Pattern pattern() const noexcept { return pattern_; }
  [[nodiscard]] std::span<const double> scores() const noexcept { return scores_; }
  /// Whether all scores are equal.
  [[nodiscard]] bool constant() const noexcept { return values_.size() < 2; }

  /// From share 0 to share 1.
  [[nodiscard]] std::vector<CurvePoint> curve(std::span<const double> weights) const;
  /// RouteLLM's eleven points, from share 0 to share 1.
  [[nodiscard]] std::vector<CurvePoint> decile_points(std::span<const double> weights) const;
  [[nodiscard]] Measures measure(std::span<const double> weights) const;

 private:
  struct Steps;
  [[nodiscard]] Steps tally(std::span<const double> weights) const;

  std::string name_;
  std::vector<double> scores_;
  const Outcomes& rows_;
  Pattern pattern_;
  std::vector<double> values_;     // the different scores, descending
  std::vector<std::size_t> step_;  // for each row the index of its score in values_
};

/// The quality at a share of the curve, which goes from share 0 to 1.
double quality_at_share(std::span<const CurvePoint> curve, double share);
/// The quality for a mean cost; NaN: the curve begins above it.
double quality_at_cost(std::span<const CurvePoint> curve, double cost_usd);

}  // namespace triage::offline
