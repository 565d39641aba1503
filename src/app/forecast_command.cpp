#include "app/forecast_command.hpp"

#include "app/ledger_folder.hpp"
#include "base/unix_time.hpp"
#include "experiment/traffic.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <stdexcept>

namespace triage {
namespace {

using Json = nlohmann::ordered_json;
using experiment::GuardrailForecast;
using experiment::StageForecast;
using experiment::Traffic;

constexpr std::int64_t two_weeks_ms = 14LL * 24 * 3600 * 1000;
constexpr double nano = 1e-9;

const RouteSpec& route_of(const ConfigSpec& config, const std::string& name) {
  for (const RouteSpec& route : config.routes)
    if (route.experiment && route.experiment->name == name) return route;
  throw std::runtime_error("no route of the configuration has an experiment '" + name + "'");
}

double number_of(const Arguments& arguments, const char* name, double fallback, double most) {
  if (!arguments.has(name)) return fallback;
  const std::string text = arguments.value(name);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !(value > 0 && value <= most))
    throw UsageError(std::string("--") + name + " '" + text + "': write a number above 0" +
                     (most <= 1 ? ", at most 1" : ""));
  return value;
}

// USD a day; absent: there is no judge.
std::optional<double> judge_cost(const RouteSpec& route, const Traffic& traffic) {
  if (!route.quality || !route.quality->judge) return std::nullopt;
  const JudgeSpec& judge = *route.quality->judge;
  if (traffic.grades == 0) return judge.daily_budget_usd;  // what a grade costs is not known yet
  const double each = traffic.grades_nano_usd * nano / static_cast<double>(traffic.grades);
  return std::min(judge.daily_budget_usd, each * judge.share * static_cast<double>(traffic.requests) / traffic.days);
}

Json json_of(const GuardrailForecast& of) {
  Json out;
  out["signal"] = word(of.signal);
  out["outcomes_a_day"] = of.outcomes_a_day;
  out["baseline"] = of.outcomes_a_day > 0 ? Json(of.baseline) : Json();
  out["detectable"] = of.detectable ? Json(*of.detectable) : Json();
  out["days_to_find"] = of.days_to_find ? Json(*of.days_to_find) : Json();
  return out;
}

Json json_of(const std::vector<StageForecast>& stages) {
  Json out = Json::array();
  for (const StageForecast& stage : stages) {
    Json each{{"share", stage.share}, {"days", stage.days}, {"units", stage.units}, {"guardrails", Json::array()}};
    for (const GuardrailForecast& guardrail : stage.guardrails) each["guardrails"].push_back(json_of(guardrail));
    out.push_back(std::move(each));
  }
  return out;
}

void print_stages(const std::vector<StageForecast>& stages, double effect) {
  for (const StageForecast& stage : stages) {
    std::printf("\nat a share of %.3g %%, %.3g days, %.0f units:\n", stage.share * 100, stage.days, stage.units);
    for (const GuardrailForecast& of : stage.guardrails) {
      const std::string name(word(of.signal));
      if (of.outcomes_a_day <= 0) {
        std::printf("  %-15s nothing of it is in the ledger: this traffic does not feed it\n", name.c_str());
        continue;
      }
      std::printf("  %-15s now %.3g, %.0f outcomes a day; ", name.c_str(), of.baseline, of.outcomes_a_day);
      if (of.detectable)
        std::printf("finds %.3g worse in this stage; ", *of.detectable);
      else
        std::printf("finds nothing in this stage; ");
      if (of.days_to_find)
        std::printf("%.3g worse within %.3g days\n", effect, *of.days_to_find);
      else
        std::printf("%.3g worse never: that is within the margin\n", effect);
    }
  }
}

}  // namespace

int forecast_command(const ConfigSpec& config, const std::string& name, const Arguments& arguments) {
  const RouteSpec& route = route_of(config, name);
  if (!config.ledger) throw std::runtime_error("the configuration has no 'ledger': there is no traffic to read");
  const experiment::Plan plan = experiment::plan_of(route, *route.experiment);
  const auto cost = std::ranges::find(plan.guardrails, QualitySignal::cost, &GuardrailSpec::signal);
  const double cap_usd = cost == plan.guardrails.end() ? 0 : cost->cap_usd;
  const Traffic traffic = experiment::read_traffic(config.ledger->dir, route.name,
                                                   since_unix_ms(arguments, now_unix_ms() - two_weeks_ms), cap_usd);
  if (traffic.requests == 0)
    throw std::runtime_error("the ledger has no requests of route '" + route.name + "' since then");
  const double requests = static_cast<double>(traffic.requests) / traffic.days;
  const double known = traffic.units > 0 ? static_cast<double>(traffic.units) / traffic.days : requests;
  const double units = number_of(arguments, "units", known, 1e12);
  const double effect = number_of(arguments, "effect", 0.05, 1);
  const auto stages = forecast(plan, traffic, units, effect);
  const auto judge = judge_cost(route, traffic);
  if (arguments.has("json")) {
    Json out{{"name", name},
             {"route", route.name},
             {"requests_a_day", requests},
             {"units_a_day", units},
             {"effect", effect}};
    out["judge_usd_a_day"] = judge ? Json(*judge) : Json();
    out["stages"] = json_of(stages);
    std::printf("%s\n", out.dump(2).c_str());
    return exit_done;
  }
  std::printf("%s on route '%s': %.0f requests a day, %.0f units a day%s\n", name.c_str(), route.name.c_str(), requests,
              units,
              traffic.units == 0 && !arguments.has("units") ? " (each request counts as one: give --units)" : "");
  if (judge) std::printf("its judge costs up to USD %.2f a day\n", *judge);
  print_stages(stages, effect);
  return exit_done;
}

}  // namespace triage
