#pragma once
// What three patterns cost and lose, before anything is built.
//
//   pre-route   a router sends each request to one of two models
//   cascade     the weak model answers; a verifier rejects some answers, and the strong model answers these
//   ensemble    both models answer, and a picker takes one answer
//
// With W and S the qualities of the two models, B the share of requests that both get right, g = S - B the share that
// only the strong one gets right (hard) and h = W - B the share that only the weak one does, and cw, cs, cr, cv, cp the
// costs of a weak and a strong call, of routing, verifying and picking:
//
//   pre-route   sends up hard requests with probability a, others with 1 - b (a, b: sensitivity, specificity)
//               up = g a + (1 - g)(1 - b)       quality = B + g a + h b          cost = cr + cw + up (cs - cw)
//   cascade     rejects wrong weak answers with probability a, right ones with 1 - b
//               up = (1 - W) a + W (1 - b)      quality = B + g a + h b          cost = cw + cv + up cs
//   ensemble    picks the right answer with probability p where just one is right
//               up = 1                          quality = B + (g + h) p          cost = cw + cs + cp
//
// A threshold moves a and b against each other. What a router or verifier can do is given as its accuracy A, the common
// value of a and b where they are equal; other thresholds follow the curve of two normal distributions of one variance
// with that point: a = N(d + t), b = N(d - t), d = N^-1(A). (Green & Swets 1966, "Signal Detection Theory".)

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage::offline {

struct Workload {
  double requests_a_day = 100'000;
  double cost_weak_usd = 0;  ///< of one call, like all costs
  double cost_strong_usd = 0;
  double cost_router_usd = 0;
  double cost_verifier_usd = 0;
  double cost_picker_usd = 0;
  double quality_weak = 0;  ///< share of requests that the model gets right
  double quality_strong = 0;
  double both_right = 0;         ///< in [max(0, weak + strong - 1), min(weak, strong)]
  double router_accuracy = 0.7;  ///< in [0.5, 1), like the next two
  double verifier_accuracy = 0.7;
  double picker_accuracy = 0.7;
  double loss_max = 0.02;  ///< the quality budget: what may be lost against always-strong
};

enum class PlanPattern : std::uint8_t { pre_route, cascade, ensemble };
inline constexpr std::array<std::string_view, 3> plan_pattern_names{"pre-route", "cascade", "ensemble"};

struct PlanPoint {
  double up = 0;  ///< share of requests that the strong model answers
  double quality = 0;
  double cost_usd = 0;  ///< a request
  double sensitivity = 0;
  double specificity = 0;
};

/// The pattern with an accuracy, at a threshold (see above; 0: a = b = accuracy, higher: more goes up). Of the ensemble
/// only the accuracy counts.
PlanPoint plan_point(const Workload& work, PlanPattern pattern, double accuracy, double threshold);

/// The cheapest threshold that loses at most loss_max; nullopt: none does.
std::optional<PlanPoint> cheapest(const Workload& work, PlanPattern pattern, double accuracy);

struct PatternPlan {
  PlanPattern pattern = PlanPattern::pre_route;
  double accuracy = 0;
  std::optional<PlanPoint> within;  ///< the cheapest threshold within the budget
  PlanPoint balanced;               ///< where sensitivity and specificity are equal
};

struct Plan {
  std::array<PatternPlan, 3> patterns;
  /// The verifier's accuracy from which on the cascade is as cheap as pre-routing, both within the budget; nullopt:
  /// none below 1 is enough, or pre-routing cannot keep the budget at all.
  std::optional<double> break_even;
  double weak_cost_usd = 0;  ///< of always-weak, a request
  double strong_cost_usd = 0;
  std::optional<PlanPattern>
      best;                     ///< the cheapest within the budget that is cheaper than always-strong; nullopt: none
  bool weak_is_enough = false;  ///< always-weak is within the budget
};

Plan make_plan(const Workload& work);

/// The blended cost of sending a share of the requests to the weak model, for sure and with nothing to decide.
double blended_cost_usd(const Workload& work, double share_weak);

}  // namespace triage::offline
