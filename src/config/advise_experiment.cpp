// Finds experiments that cannot tell what they are made to tell.
#include "config/advise.hpp"
#include "config/experiment_version.hpp"
#include "options/values.hpp"

#include <algorithm>
#include <cmath>

namespace triage::config {
namespace {

constexpr milliseconds week{7LL * 24 * 3600 * 1000};

std::vector<const RouteSpec*> policies_of(const RouteSpec& route) {
  return route.experiment ? arms_of(route) : std::vector<const RouteSpec*>{&route};
}

}  // namespace

// Why no traffic can show the signal; empty: some can.
std::string Advisor::why_unseen(QualitySignal signal, const RouteSpec& route) const {
  const std::vector<const RouteSpec*> policies = policies_of(route);
  const auto has_cascade = [](const RouteSpec* policy) { return policy->cascade.has_value(); };
  const bool judged = route.quality && (route.quality->judge || !route.quality->graders.empty());
  switch (signal) {
    case QualitySignal::feedback:
    case QualitySignal::task_completed:
      return route.quality && !route.quality->feedback ? "the route takes no feedback" : "";
    case QualitySignal::escalation: return std::ranges::any_of(policies, has_cascade) ? "" : "there is no cascade";
    case QualitySignal::cost:
      for (const RouteSpec* const policy : policies)
        if (const std::string name = unpriced(*policy); !name.empty())
          return "what " + in_quotes(name) + " costs is not known";
      return "";
    case QualitySignal::judge:
      if (!judged) return "the route has neither a judge nor graders";
      [[fallthrough]];
    case QualitySignal::refusal:
    case QualitySignal::hedging:
    case QualitySignal::truncated:
    case QualitySignal::schema_failure:
    case QualitySignal::retry: return passes_through(route.match) ? "the route's calls pass through unread" : "";
    case QualitySignal::error:
    case QualitySignal::latency: return "";
  }
  return "";
}

void Advisor::advise_experiment(const RouteSpec& route) {
  if (!route.experiment) return;
  const ExperimentSpec& experiment = *route.experiment;
  const Path path = path_of(route) / "experiment";
  for (const RouteSpec* const arm : arms_of(route)) {
    Report found(report_.files());
    Advisor advisor(spec_, origins_, found);
    advisor.note_names();
    advisor.advise_policy(*arm);
    report_.add_news(found, to_string(path_of(*arm)), to_string(path_of(route)));
  }
  if (experiment.guardrails.empty())
    warning(path, to_string(path) + " has no guardrail: nothing would take the treatment back",
            "add 'guardrails: [{signal: error, margin: 0.01}]'");
  for (std::size_t i = 0; i < experiment.guardrails.size(); ++i) {
    const QualitySignal signal = experiment.guardrails[i].signal;
    if (const std::string why = why_unseen(signal, route); !why.empty())
      warning(path / "guardrails" / i,
              to_string(path / "guardrails" / i) + ": '" + std::string(word(signal)) + "' is never seen: " + why,
              "make it known, or use a signal that there is, such as error");
  }
  if (policy_text(*experiment.control, spec_) == policy_text(*experiment.treatment, spec_))
    warning(path / "treatment", to_string(path / "treatment") + " is no other than control",
            "write what is to be tried; to test the experiment itself, leave it so");
  advise_stages(route);
}

void Advisor::advise_promises(const RouteSpec& route) {
  if (!route.quality) return;
  const Path path = path_of(route) / "quality" / "slo";
  for (std::size_t i = 0; i < route.quality->slo.size(); ++i) {
    const QualitySignal signal = route.quality->slo[i].signal;
    if (const std::string why = why_unseen(signal, route); !why.empty())
      warning(path / i, to_string(path / i) + ": '" + std::string(word(signal)) + "' is never seen: " + why,
              "make it known, or promise something of another signal");
  }
}

void Advisor::advise_stages(const RouteSpec& route) {
  const ExperimentSpec& experiment = *route.experiment;
  const Path path = path_of(route) / "experiment";
  milliseconds sum{0};
  for (const StageSpec& stage : experiment.stages) sum += stage.at_least;
  if (sum < week)
    warning(path / "stages",
            to_string(path) + " may be over after " + format_duration(sum) + ": users behave differently on other days",
            "let its stages last 7d in all");
  const auto units = units_known(route);
  for (std::size_t i = 0; units && i < experiment.stages.size(); ++i) {
    const StageSpec& stage = experiment.stages[i];
    const double smaller = std::min(stage.share, stage.share < 1 ? 1 - stage.share : 1) * static_cast<double>(*units);
    const double wanted = std::max<double>(1, stage.units_min);
    if (smaller >= wanted) continue;
    return warning(path / "stages" / i,
                   to_string(path / "stages" / i) + ": the units are " + std::to_string(*units) +
                       " keys, of which an arm would get about " + std::to_string(std::lround(smaller)),
                   "use a finer unit, such as {header: x-user-id} or {field: user}");
  }
}

// How many units there can be; nullopt: that is not known.
std::optional<std::size_t> Advisor::units_known(const RouteSpec& route) const {
  const std::vector<UnitSpec>& units = route.experiment->unit;
  if (spec_.keys.empty() || units.front().place() != UnitKind::key) return std::nullopt;
  return static_cast<std::size_t>(std::ranges::count_if(spec_.keys, [&](const KeySpec& key) {
    return (route.match.keys.empty() || contains(route.match.keys, key.name)) &&
           (key.routes.empty() || contains(key.routes, route.name));
  }));
}

}  // namespace triage::config
