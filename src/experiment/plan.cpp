#include "experiment/plan.hpp"

#include <nlohmann/json.hpp>

namespace triage::experiment {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t day_ms = 24LL * 3600 * 1000;

template <class E>
E word_in(const Json& object, const char* name) {
  const auto found = from_word<E>(object.at(name).template get_ref<const std::string&>());
  if (!found) throw std::invalid_argument(name);
  return *found;
}

Plan plan_in(const Json& json) {
  Plan plan;
  plan.route = json.at("route");
  plan.alpha = json.at("alpha");
  plan.on_breach = word_in<OnBreach>(json, "on_breach");
  plan.window_ms = json.at("window_ms");
  plan.escalation_share = json.at("escalation_share");
  plan.units_max = json.at("units_max");
  for (const Json& stage : json.at("stages"))
    plan.stages.push_back(
        {stage.at("share"), milliseconds(stage.at("at_least_ms").get<std::int64_t>()), stage.at("units_min")});
  for (const Json& guardrail : json.at("guardrails"))
    plan.guardrails.push_back({word_in<QualitySignal>(guardrail, "signal"), guardrail.at("margin"),
                               guardrail.at("weight"), guardrail.at("cap_usd")});
  if (plan.stages.empty()) throw std::invalid_argument("stages");
  return plan;
}

}  // namespace

std::vector<StageSpec> default_stages() {
  return {{0.01, milliseconds(day_ms), 0},
          {0.1, milliseconds(2 * day_ms), 0},
          {0.5, milliseconds(4 * day_ms), 0},
          {1, milliseconds(0), 0}};
}

Plan plan_of(const RouteSpec& route, const ExperimentSpec& spec) {
  Plan plan;
  plan.route = route.name;
  plan.alpha = spec.alpha;
  plan.on_breach = spec.on_breach;
  plan.window_ms = spec.window.count();
  plan.units_max = spec.units_max;
  plan.stages = spec.stages.empty() ? default_stages() : spec.stages;
  plan.guardrails = spec.guardrails;
  if (spec.treatment && spec.treatment->cascade) plan.escalation_share = spec.treatment->cascade->escalation_share;
  return plan;
}

std::string plan_json(const Plan& plan) {
  Json out;
  out["route"] = plan.route;
  out["alpha"] = plan.alpha;
  out["on_breach"] = word(plan.on_breach);
  out["window_ms"] = plan.window_ms;
  out["escalation_share"] = plan.escalation_share;
  out["units_max"] = plan.units_max;
  out["stages"] = Json::array();
  for (const StageSpec& stage : plan.stages)
    out["stages"].push_back(
        {{"share", stage.share}, {"at_least_ms", stage.at_least.count()}, {"units_min", stage.units_min}});
  out["guardrails"] = Json::array();
  for (const GuardrailSpec& guardrail : plan.guardrails)
    out["guardrails"].push_back({{"signal", word(guardrail.signal)},
                                 {"margin", guardrail.margin},
                                 {"weight", guardrail.weight},
                                 {"cap_usd", guardrail.cap_usd}});
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Plan> read_plan(std::string_view json) {
  try {
    return plan_in(Json::parse(json));
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace triage::experiment
