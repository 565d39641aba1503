#include "app/experiment_text.hpp"

#include "base/unix_time.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdio>

namespace triage {
namespace {

using Json = nlohmann::ordered_json;

// As printf.
template <class... T>
std::string text(const char* format, T... values) {
  char out[512];
  std::snprintf(out, sizeof out, format, values...);  // NOLINT: the formats are literals
  return out;
}

// With so many digits, but never as 1e+02. Evidence may be beyond all bounds: then that is the shortest.
std::string figure(double value, int digits) {
  const double size = std::abs(value);
  if (size >= std::pow(10, digits) - 0.5 && size < 1e12) return text("%.0f", value);
  return text("%.*g", digits, value);
}

std::string points(const Json& share) {
  const double value = share.get<double>() * 100;
  return (value < 0 ? "" : "+") + figure(value, 2);
}

std::string percent(const Json& share) {
  return share.is_number() ? figure(share.get<double>() * 100, 3) + " %" : "-";
}

std::string time_text(const Json& unix_ms) {
  return utc_text(unix_ms.get<std::int64_t>() / 1000, "%Y-%m-%d %H:%M:%S");
}

std::string word_in(const Json& object, const char* name) {
  return object.value(name, "");
}

std::string arm_text(const Json& guardrail, const char* arm) {
  const Json& of = guardrail.at(arm);
  return percent(of.at("mean")) + " of " + std::to_string(of.at("outcomes").get<std::uint64_t>());
}

std::string difference_text(const Json& difference) {
  if (!difference.is_object()) return "-";
  return points(difference.at("estimate")) + " [" + points(difference.at("low")) + ", " +
         points(difference.at("high")) + "]";
}

// Evidence against its bound, both as they are and not as logarithms.
std::string evidence_text(const Json& of) {
  return figure(std::exp(of.at("log_evidence").get<double>()), 3) + " of " +
         figure(std::exp(of.at("log_bound").get<double>()), 3);
}

std::string guardrails_text(const Json& guardrails) {
  if (guardrails.empty()) return "no guardrails\n";
  std::string out = text("%-15s %7s  %-18s %-18s %-24s %s\n", "guardrail", "margin", "control", "treatment",
                         "difference, in points", "evidence");
  for (const Json& each : guardrails)
    out +=
        text("%-15s %7s  %-18s %-18s %-24s %s\n", word_in(each, "signal").c_str(), percent(each.at("margin")).c_str(),
             arm_text(each, "control").c_str(), arm_text(each, "treatment").c_str(),
             difference_text(each.at("difference")).c_str(), evidence_text(each).c_str());
  return out;
}

std::string cost_text(const Json& cost) {
  const auto each = [&cost](const char* arm) {
    const Json& usd = cost.at(arm).at("cost_per_request_usd");
    return usd.is_number() ? text("%.6f", usd.get<double>()) : std::string("-");
  };
  std::string out = "a request costs USD " + each("control") + " with control, " + each("treatment") +
                    " with the treatment, all attempts and grades included";
  if (cost.at("saved").is_object())
    out += ": saved " + percent(cost["saved"]["share"]) + " [" + percent(cost["saved"]["low"]) + ", " +
           percent(cost["saved"]["high"]) + "]";
  return out + "\n";
}

}  // namespace

std::string experiment_state_text(const Json& shown) {
  std::string out = word_in(shown, "name") + " on route '" + word_in(shown, "route") + "': " + word_in(shown, "state");
  if (shown.contains("held_by")) out += " by " + word_in(shown, "held_by");
  out += text(", stage %d of %d, share ", shown.value("stage", 0) + 1, shown.value("stages", 0)) +
         percent(shown.at("share")) + ", version " + word_in(shown, "version") + ", since " +
         time_text(shown.at("since_unix_ms")) + "\n";
  if (!shown.value("configured", true)) out += "the configuration has no experiment of this name and version\n";
  return out;
}

std::string experiment_list_text(const Json& list) {
  if (list.at("experiments").empty()) return "no experiments\n";
  std::string out;
  for (const Json& each : list["experiments"]) out += experiment_state_text(each);
  return out;
}

std::string experiment_text(const Json& shown) {
  std::string out = experiment_state_text(shown);
  if (!word_in(shown, "advice").empty()) out += word_in(shown, "advice") + "\n";
  for (const Json& each : shown.at("waits_for")) out += "waits for " + each.get<std::string>() + "\n";
  const Json& units = shown.at("units");
  out += text("units in this stage: %llu with control, %llu with the treatment; evidence of a wrong ratio %s\n",
              units.at("control").get<unsigned long long>(), units.at("treatment").get<unsigned long long>(),
              evidence_text(shown.at("sample_ratio")).c_str());
  if (const auto dropped = shown.value("units_dropped", std::uint64_t{0}); dropped > 0)
    out += "beyond units_max, and so not counted: " + std::to_string(dropped) + " sightings\n";
  out += "\n" + guardrails_text(shown.at("guardrails")) + "disaster: evidence " + evidence_text(shown.at("disaster")) +
         "\n\n" + cost_text(shown.at("cost")) + "\n";
  for (const Json& each : shown.at("decisions")) {
    out += time_text(each.at("time_unix_ms")) + "  " + word_in(each, "action") + " to " + percent(each.at("share"));
    if (each.at("actor").is_string()) out += " by " + each["actor"].get<std::string>();
    out += (word_in(each, "reason").empty() ? "" : ": " + word_in(each, "reason")) + "\n";
  }
  return out;
}

}  // namespace triage
