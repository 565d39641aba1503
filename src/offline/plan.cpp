#include "offline/plan.hpp"

#include <algorithm>
#include <cmath>

namespace triage::offline {
namespace {

// Beyond this many standard deviations nothing changes.
constexpr double threshold_most = 9;
constexpr double slack = 1e-12;

double normal(double x) {
  return 0.5 * std::erfc(-x / std::sqrt(2.0));
}

// The least x in [low, high] for which holds(x), which is false up to some x and true from there on.
template <class Holds>
double bisect(double low, double high, Holds holds) {
  for (int i = 0; i < 80; ++i) {
    const double middle = (low + high) / 2;
    (holds(middle) ? high : low) = middle;
  }
  return high;
}

double inverse_normal(double p) {
  return bisect(-threshold_most, threshold_most, [p](double x) { return normal(x) >= p; });
}

double accuracy_of(const Workload& work, PlanPattern pattern) {
  if (pattern == PlanPattern::pre_route) return work.router_accuracy;
  return pattern == PlanPattern::cascade ? work.verifier_accuracy : work.picker_accuracy;
}

// The cascade's cost within the budget; infinity if it cannot keep it.
double cost_within(const Workload& work, double accuracy) {
  const auto point = cheapest(work, PlanPattern::cascade, accuracy);
  return point ? point->cost_usd : INFINITY;
}

}  // namespace

PlanPoint plan_point(const Workload& work, PlanPattern pattern, double accuracy, double threshold) {
  const double hard = work.quality_strong - work.both_right;
  const double weak_only = work.quality_weak - work.both_right;
  const double distance = inverse_normal(accuracy);
  PlanPoint out;
  out.sensitivity = normal(distance + threshold);
  out.specificity = normal(distance - threshold);
  const double a = out.sensitivity;
  const double b = out.specificity;
  out.quality = work.both_right + hard * a + weak_only * b;
  switch (pattern) {
    case PlanPattern::pre_route:
      out.up = hard * a + (1 - hard) * (1 - b);
      out.cost_usd = work.cost_router_usd + work.cost_weak_usd + out.up * (work.cost_strong_usd - work.cost_weak_usd);
      break;
    case PlanPattern::cascade:
      out.up = (1 - work.quality_weak) * a + work.quality_weak * (1 - b);
      out.cost_usd = work.cost_weak_usd + work.cost_verifier_usd + out.up * work.cost_strong_usd;
      break;
    case PlanPattern::ensemble:
      out.up = 1;
      out.sensitivity = out.specificity = accuracy;
      out.quality = work.both_right + (hard + weak_only) * accuracy;
      out.cost_usd = work.cost_weak_usd + work.cost_strong_usd + work.cost_picker_usd;
      break;
  }
  return out;
}

std::optional<PlanPoint> cheapest(const Workload& work, PlanPattern pattern, double accuracy) {
  const double least = work.quality_strong - work.loss_max - slack;
  const auto at = [&](double threshold) { return plan_point(work, pattern, accuracy, threshold); };
  if (pattern == PlanPattern::ensemble) {
    const PlanPoint only = at(0);
    return only.quality >= least ? std::optional(only) : std::nullopt;
  }
  // Cost rises with the threshold. Quality rises to one maximum (two normal densities of one variance cross once) and
  // falls from there to always-strong's, so the first threshold that is good enough is the cheapest.
  constexpr int steps = 720;
  double before = -threshold_most;
  for (int i = 0; i <= steps; ++i) {
    const double threshold = -threshold_most + 2 * threshold_most * i / steps;
    if (at(threshold).quality >= least)
      return at(i == 0 ? threshold : bisect(before, threshold, [&](double t) { return at(t).quality >= least; }));
    before = threshold;
  }
  return std::nullopt;
}

double blended_cost_usd(const Workload& work, double share_weak) {
  return share_weak * work.cost_weak_usd + (1 - share_weak) * work.cost_strong_usd;
}

Plan make_plan(const Workload& work) {
  Plan out;
  out.weak_cost_usd = work.cost_weak_usd;
  out.strong_cost_usd = work.cost_strong_usd;
  out.weak_is_enough = work.quality_weak >= work.quality_strong - work.loss_max - slack;
  for (std::size_t i = 0; i < out.patterns.size(); ++i) {
    const auto pattern = static_cast<PlanPattern>(i);
    const double accuracy = accuracy_of(work, pattern);
    out.patterns[i] = {pattern, accuracy, cheapest(work, pattern, accuracy), plan_point(work, pattern, accuracy, 0)};
    const auto& within = out.patterns[i].within;
    if (!within || within->cost_usd >= work.cost_strong_usd) continue;
    if (!out.best || within->cost_usd < out.patterns[static_cast<std::size_t>(*out.best)].within->cost_usd)
      out.best = pattern;
  }
  constexpr double best_accuracy = 0.9999;
  if (const auto& routed = out.patterns[0].within) {
    const auto as_cheap = [&](double accuracy) { return cost_within(work, accuracy) <= routed->cost_usd + slack; };
    if (as_cheap(best_accuracy)) out.break_even = as_cheap(0.5) ? 0.5 : bisect(0.5, best_accuracy, as_cheap);
  }
  return out;
}

}  // namespace triage::offline
