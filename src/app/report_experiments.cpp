#include "app/report_experiments.hpp"

#include "experiment/figures.hpp"
#include "experiment/read_line.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>

namespace triage {
namespace {

using Json = nlohmann::ordered_json;

std::string money(const Json& cost, const char* arm) {
  char text[64];
  std::snprintf(text, sizeof text, "%.6f (%llu requests)", cost.at(arm).at("cost_per_request_usd").get<double>(),
                cost.at(arm).at("requests").get<unsigned long long>());
  return text;
}

std::string saved_text(const Json& saved) {
  if (!saved.is_object()) return "what it saves cannot be told yet: it takes two units in each arm";
  const double share = saved.at("share");
  const std::string interval =
      " [" + experiment::percent(saved.at("low")) + ", " + experiment::percent(saved.at("high")) + "], 95 %";
  return share >= 0 ? "saved " + experiment::percent(share) + interval
                    : "costs " + experiment::percent(-share) + " more; saved" + interval;
}

}  // namespace

Json experiments_report(const std::string& folder) {
  Json out = Json::array();
  const experiment::Engine engine = experiment::read_experiments(folder);
  for (const auto& [name, it] : engine.all()) {
    if (it.status() == experiment::Status::unknown) continue;
    Json row;
    row["name"] = name;
    row["route"] = it.plan().route;
    row["version"] = it.version();
    row["state"] = word(it.status());
    row["cost"] = experiment::figures_of(it, it.clock_ms()).at("cost");
    out.push_back(std::move(row));
  }
  return out;
}

std::string experiments_report_text(const Json& experiments) {
  std::string out;
  for (const Json& each : experiments) {
    const Json& cost = each.at("cost");
    out += "\nexperiment " + each.at("name").get<std::string>() + " on route '" + each.at("route").get<std::string>() +
           "', version " + each.at("version").get<std::string>() + ": " + each.at("state").get<std::string>() + "\n";
    const bool both = cost["control"]["requests"] > 0 && cost["treatment"]["requests"] > 0;
    if (both)
      out += "  USD a request: " + money(cost, "control") + " with control, " + money(cost, "treatment") +
             " with the treatment;\n  all attempts included, also rejected ones, verifiers, and the judge's grades\n";
    out += "  " + saved_text(cost["saved"]) + "\n";
  }
  return out;
}

}  // namespace triage
