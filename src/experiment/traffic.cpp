#include "experiment/traffic.hpp"

#include "experiment/read_line.hpp"
#include "ledger/journal_reader.hpp"
#include "ledger/source.hpp"
#include "statistics/guardrail.hpp"
#include "statistics/outcomes.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_set>

namespace triage::experiment {
namespace {

constexpr double day_ms = 24.0 * 3600 * 1000;
constexpr double nano = 1e9;
constexpr double bet_of_range = 0.9;
constexpr double effect_steps = 1000;

// The expected logarithm of the wealth that a unit adds.
double growth(double mean, double variance, double share, double margin, double effect, bool larger_is_better) {
  const double beyond = effect - margin;
  if (beyond <= 0) return 0;
  const double treated = std::clamp(larger_is_better ? mean - effect : mean + effect, 0.0, 1.0);
  const double treated_variance =
      std::max(variance, treated * (1 - treated) * std::min(1.0, variance / std::max(1e-9, mean * (1 - mean))));
  const double spread = std::max(1e-9, treated_variance / share + variance / (1 - share));
  const double range = std::max(mean, 1 - mean) / std::min(share, 1 - share) + margin;
  const double bet = std::min(beyond / spread, bet_of_range / range);
  return bet * beyond - bet * bet * spread / 2;
}

struct Reading {
  Traffic traffic;
  statistics::CostOutcome cost;
  std::unordered_set<std::uint64_t> units;
  std::int64_t first = INT64_MAX;
  std::int64_t last = 0;

  void take(const Sighting& seen) {
    for (std::size_t i = 0; i < seen.values.size(); ++i) {
      const auto signal = static_cast<QualitySignal>(i);
      if (!seen.values[i]) continue;
      if (signal == QualitySignal::cost) {
        if (const auto part = cost.outcome(*seen.values[i])) traffic.signals[i].add(*part);
        cost.learn(*seen.values[i]);
      } else if (signal != QualitySignal::latency) {
        traffic.signals[i].add(*seen.values[i]);
      } else {
        traffic.signals[i].add(traffic.signals[i].count % 20 == 0 ? 1
                                                                  : 0);  // one in twenty is above the 95th percentile
      }
    }
  }
};

}  // namespace

double SeenSignal::variance() const noexcept {
  return count > 0 ? std::max(0.0, squares / static_cast<double>(count) - mean() * mean()) : 0;
}

Traffic read_traffic(const std::string& folder, const std::string& route, std::int64_t since_unix_ms, double cap_usd) {
  Reading reading{{}, statistics::CostOutcome(cap_usd * nano), {}};
  ledger::Source source(folder, ledger::first_position(folder, since_unix_ms));
  ledger::Entry entry;
  for (ledger::Line line; source.next(line);) {
    if (entry.read(line) != ledger::Entry::Is::known) continue;
    const RouteLine read = read_for_route(entry);
    if (read.route != route || read.time_unix_ms < since_unix_ms) continue;
    reading.take(read.seen);
    if (read.seen.request) {
      ++reading.traffic.requests;
      reading.first = std::min(reading.first, read.time_unix_ms);
      reading.last = std::max(reading.last, read.time_unix_ms);
      if (!read.seen.name.empty()) reading.units.insert(read.seen.unit);
    } else if (read.seen.cost_nano_usd) {
      ++reading.traffic.grades;
      reading.traffic.grades_nano_usd += *read.seen.cost_nano_usd;
    }
  }
  reading.traffic.units = reading.units.size();
  reading.traffic.days =
      std::max(0.1, static_cast<double>(reading.last - std::min(reading.first, reading.last)) / day_ms);
  return reading.traffic;
}

std::vector<StageForecast> forecast(const Plan& plan, const Traffic& traffic, double units_a_day, double effect) {
  std::vector<StageForecast> out;
  double weights = 0;
  for (const GuardrailSpec& each : plan.guardrails) weights += each.weight;
  for (const StageSpec& stage : plan.stages) {
    if (stage.share <= 0 || stage.share >= 1) continue;
    StageForecast& of = out.emplace_back();
    of.share = stage.share;
    of.days = static_cast<double>(stage.at_least.count()) / day_ms;
    const double scarcer = units_a_day * std::min(stage.share, 1 - stage.share);
    if (scarcer > 0) of.days = std::max(of.days, stage.units_min / scarcer);
    of.units = units_a_day * of.days;
    for (const GuardrailSpec& guardrail : plan.guardrails) {
      const SeenSignal& seen = traffic.of(guardrail.signal);
      GuardrailForecast& it = of.guardrails.emplace_back();
      it.signal = guardrail.signal;
      it.baseline = seen.mean();
      it.outcomes_a_day = std::min(units_a_day, static_cast<double>(seen.count) / traffic.days);
      if (seen.count == 0 || it.outcomes_a_day <= 0) continue;
      const double needed =
          statistics::guardrail_threshold(plan.alpha, guardrail.weight, weights) - std::log(statistics::first_part);
      const auto gain = [&](double size) {
        return growth(seen.mean(), seen.variance(), stage.share, guardrail.margin, size,
                      larger_is_better(guardrail.signal));
      };
      if (const double a_unit = gain(effect); a_unit > 0) it.days_to_find = needed / a_unit / it.outcomes_a_day;
      for (double step = 1; step <= effect_steps && !it.detectable; ++step)
        if (gain(step / effect_steps) * it.outcomes_a_day * of.days >= needed) it.detectable = step / effect_steps;
    }
  }
  return out;
}

}  // namespace triage::experiment
