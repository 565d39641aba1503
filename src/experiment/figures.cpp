#include "experiment/figures.hpp"

#include "statistics/betting.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdio>

namespace triage::experiment {
namespace {

constexpr double nano = 1e-9;

Json by_arm(const auto& of) {
  Json out;
  out["control"] = of(false);
  out["treatment"] = of(true);
  return out;
}

// A number of log evidence is finite always; JSON could not say otherwise.
Json evidence(double log_evidence, double log_bound) {
  Json out;
  out["log_evidence"] = log_evidence;
  out["log_bound"] = log_bound;
  return out;
}

Json guardrail_json(const Experiment& experiment, std::size_t at) {
  const Guard& guard = experiment.guards()[at];
  Json out;
  out["signal"] = word(guard.spec().signal);
  out["margin"] = guard.spec().margin;
  out.update(by_arm([&](bool treated) {
    const ArmOutcomes& arm = guard.arm(treated);
    Json of;
    of["outcomes"] = arm.count;
    of["mean"] = arm.count > 0 ? Json(arm.mean()) : Json();
    return of;
  }));
  out["observations"] = guard.observations();
  out["difference"] = Json();
  if (const auto effect = guard.effect(experiment.plan().alpha))
    out["difference"] = {{"estimate", effect->estimate}, {"low", effect->low}, {"high", effect->high}};
  out.update(evidence(guard.log_evidence(), experiment.log_bound(at)));
  out["not_worse"] = evidence(guard.log_evidence_not_worse(), statistics::log_threshold(experiment.plan().alpha));
  return out;
}

// [time, observations, estimate, low, high, log evidence]
Json course_json(const Course& course) {
  Json out = Json::array();
  for (const CoursePoint& point : course.points())
    out.push_back({point.time_unix_ms, point.observations, point.effect.estimate, point.effect.low, point.effect.high,
                   point.log_evidence});
  return out;
}

Json costs(const Experiment& experiment) {
  const Savings& savings = experiment.savings();
  Json out = by_arm([&](bool treated) {
    const ArmCost& arm = savings.arm(treated);
    Json of;
    of["requests"] = static_cast<std::uint64_t>(arm.n);
    of["cost_usd"] = arm.c * nano;
    of["cost_per_request_usd"] = arm.n > 0 ? Json(arm.mean() * nano) : Json();
    return of;
  });
  out["saved"] = Json();
  if (const auto saved = savings.saved())
    out["saved"] = {{"share", saved->estimate}, {"low", saved->low}, {"high", saved->high}};
  return out;
}

Json decision_json(const Decision& decided) {
  Json out;
  out["time_unix_ms"] = decided.time_unix_ms;
  out["version"] = decided.version;
  out["action"] = decided.action;
  out["actor"] = decided.actor.empty() ? Json() : Json(decided.actor);
  out["stage"] = decided.stage;
  out["share"] = decided.share;
  out["reason"] = decided.reason;
  Json figures = Json::parse(decided.figures, nullptr, false);
  if (figures.is_object()) figures.erase("plan");
  out["figures"] = figures.is_object() ? figures : Json();
  return out;
}

std::string advice(const Experiment& experiment) {
  switch (experiment.status()) {
    case Status::waiting: return "a new version after one that did not end well: start it when you want to";
    case Status::rolled_back: return "all get control; to try again, change its configuration, then start it";
    case Status::promoted: return "all get the treatment: write it into the route, and take the experiment out";
    case Status::paused: return "all get control until it is started again";
    default: return "";
  }
}

}  // namespace

Json figures_of(const Experiment& experiment, std::int64_t clock_ms) {
  Json out;
  out["clock_ms"] = clock_ms;
  out["stage_elapsed_ms"] = experiment.stage_elapsed_ms(clock_ms);
  out["units"] = by_arm([&](bool treated) { return experiment.stage_units(treated); });
  out["requests"] = by_arm([&](bool treated) { return experiment.requests(treated); });
  out["guardrails"] = Json::array();
  for (std::size_t i = 0; i < experiment.guards().size(); ++i)
    out["guardrails"].push_back(guardrail_json(experiment, i));
  out["disaster"] =
      evidence(experiment.disaster().log_evidence(), statistics::disaster_threshold(experiment.plan().alpha));
  const auto& mismatch = experiment.mismatch();
  out["sample_ratio"] = evidence(mismatch.log_evidence(), mismatch_bound());
  out["sample_ratio"]["units"] = mismatch.units();
  out["sample_ratio"]["treated"] = mismatch.treated();
  out["sample_ratio"]["treated_expected"] = mismatch.treated_expected();
  out["escalation_share"] = experiment.escalation_share();
  out["cost"] = costs(experiment);
  return out;
}

Json listed(const Experiment& experiment, std::int64_t clock_ms, bool configured) {
  Json out;
  out["name"] = experiment.name();
  out["route"] = experiment.plan().route;
  out["version"] = experiment.version();
  out["configured"] = configured;
  out["state"] = word(experiment.status());
  if (experiment.status() == Status::held) out["held_by"] = word(experiment.cause());
  out["stage"] = experiment.stage();
  out["stages"] = experiment.plan().stages.size();
  out["share"] = experiment.share();
  out["since_unix_ms"] = experiment.since_unix_ms();
  out["stage_elapsed_ms"] = experiment.stage_elapsed_ms(clock_ms);
  return out;
}

Json shown(const Experiment& experiment, std::int64_t clock_ms, bool configured) {
  Json out = listed(experiment, clock_ms, configured);
  out["advice"] = advice(experiment);
  out["waits_for"] = experiment.status() == Status::running ? Json(experiment.waits_for(clock_ms)) : Json::array();
  out["alpha"] = experiment.plan().alpha;
  out["plan"] = Json::parse(plan_json(experiment.plan()));
  out["units_seen"] = experiment.units();
  out["units_dropped"] = experiment.units_dropped();
  out["memory_bytes"] = experiment.bytes();
  out.update(figures_of(experiment, clock_ms));
  for (std::size_t i = 0; i < experiment.courses().size(); ++i)
    out["guardrails"][i]["course"] = course_json(experiment.courses()[i]);
  out["rolled_back_versions"] = experiment.rolled_back();
  out["decisions"] = Json::array();
  for (const Decision& decided : experiment.decisions()) out["decisions"].push_back(decision_json(decided));
  return out;
}

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g %%", share * 100);
  return text;
}

std::optional<Plan> plan_in_figures(std::string_view figures) {
  if (figures.find("\"plan\"") == std::string_view::npos) return std::nullopt;
  const Json json = Json::parse(figures, nullptr, false);
  if (!json.is_object() || !json.contains("plan")) return std::nullopt;
  return read_plan(text_of(json["plan"]));
}

Cause cause_in_figures(std::string_view figures) {
  const Json json = Json::parse(figures, nullptr, false);
  if (!json.is_object() || !json.contains("cause") || !json["cause"].is_string()) return Cause::person;
  return from_word<Cause>(json["cause"].get_ref<const std::string&>()).value_or(Cause::person);
}

}  // namespace triage::experiment
